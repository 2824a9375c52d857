-- Persons by month and institution where they were examined, and whether they were examined again within 7 days, elsewhere, under the same
-- three-character diagnosis. Reads fact_encounter and the variable as_of.
CREATE OR REPLACE TEMP TABLE person_examined AS
WITH examined AS (
  SELECT person_key, encounter_id, org_code, city_code, month, start_at, left(diagnosis_code, 3) AS category
  FROM fact_encounter
  WHERE exam_fee > 0
    AND person_key IS NOT NULL
    AND diagnosis_code IS NOT NULL
    AND start_at < getvariable('as_of') + INTERVAL 1 DAY
)
SELECT
  first.person_key AS person,
  first.month,
  first.org_code,
  first.city_code,
  bool_or(again.encounter_id IS NOT NULL) AS hit
FROM examined AS first
LEFT JOIN examined AS again
  ON again.person_key = first.person_key
  AND again.category = first.category
  AND again.org_code <> first.org_code
  AND again.start_at >= first.start_at
  AND again.start_at::DATE <= first.start_at::DATE + 7
GROUP BY first.person_key, first.month, first.org_code, first.city_code
