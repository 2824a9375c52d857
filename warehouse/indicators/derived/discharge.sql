-- Discharges of known persons, and whether an unplanned readmission followed within 31 days.
-- Reads fact_encounter and the variable as_of. Unplanned: not booked, and not after a transfer. The next such stay of the person tells,
-- for later ones lie further off.
CREATE OR REPLACE TEMP TABLE discharge AS
WITH stay AS (
  SELECT person_key, encounter_id, org_code, city_code, start_at, end_at, discharge_way, booked
  FROM fact_encounter
  WHERE encounter_type = '3' AND person_key IS NOT NULL AND start_at < getvariable('as_of') + INTERVAL 1 DAY
),
ended AS (SELECT * FROM stay WHERE end_at IS NOT NULL),
unplanned AS (SELECT * FROM stay WHERE booked IS NOT TRUE)
SELECT
  ended.person_key,
  ended.org_code,
  ended.city_code,
  ended.end_at,
  coalesce(ended.discharge_way <> '2', true) AND bool_or(again.encounter_id IS NOT NULL) AS readmitted
FROM ended
LEFT JOIN unplanned AS again
  ON again.person_key = ended.person_key
  AND again.encounter_id <> ended.encounter_id
  AND again.start_at >= ended.end_at
  AND again.start_at::DATE <= ended.end_at::DATE + 31
GROUP BY ended.encounter_id, ended.person_key, ended.org_code, ended.city_code, ended.end_at, ended.discharge_way
