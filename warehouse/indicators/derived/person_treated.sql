-- Persons by month and institution of their encounters, and whether an active health record of theirs was open by the month's end.
-- Reads fact_encounter, fact_health_record and the variable as_of.
CREATE OR REPLACE TEMP VIEW person_treated AS
SELECT
  treated.person_key AS person,
  treated.month,
  treated.org_code,
  treated.city_code,
  coalesce(record.created <= treated.month, false) AS hit
FROM (
  SELECT DISTINCT person_key, month, org_code, city_code
  FROM fact_encounter
  WHERE person_key IS NOT NULL AND start_at < getvariable('as_of') + INTERVAL 1 DAY
) AS treated
LEFT JOIN (
  SELECT person_key, min(month) AS created
  FROM fact_health_record
  WHERE status = '1' AND created_on <= getvariable('as_of')
  GROUP BY person_key
) AS record ON record.person_key = treated.person_key
