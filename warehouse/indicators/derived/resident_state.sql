-- Residents by county and month of the calendar, and those of them with an active health record, or a family doctor.
-- Reads dim_person, fact_health_record, calendar and the variable as_of. Residents are registered, live in the province
-- and are known by month of birth and death; who dies in a month is none at its end. What begins and ends is counted where it
-- does and summed up over the months. `records` are active records as they come: doubles, the dead and the departed among them.
CREATE OR REPLACE TEMP TABLE resident_state AS
WITH first AS (SELECT min(month) AS month FROM calendar),
opened AS (
  SELECT
    person_key,
    date_trunc('month', min(created_on) FILTER (WHERE created_on <= getvariable('as_of')))::DATE AS created,
    date_trunc('month', min(contract_on) FILTER (WHERE contract_on <= getvariable('as_of')))::DATE AS contracted
  FROM fact_health_record
  WHERE status = '1' AND person_key IS NOT NULL
  GROUP BY person_key
),
resident AS (
  SELECT
    person.residence_division,
    greatest(coalesce(person.birth_month, first.month), first.month) AS begins,
    person.death_month AS ends,
    opened.created,
    opened.contracted
  FROM dim_person AS person
  CROSS JOIN first
  LEFT JOIN opened ON opened.person_key = person.person_key
  WHERE person.registered AND person.residence_division IS NOT NULL
),
span AS (
  SELECT residence_division, begins, ends, 1 AS residents, 0 AS recorded, 0 AS contracted FROM resident
  UNION ALL
  SELECT residence_division, greatest(begins, created), ends, 0, 1, 0 FROM resident WHERE created IS NOT NULL
  UNION ALL
  SELECT residence_division, greatest(begins, contracted), ends, 0, 0, 1 FROM resident WHERE contracted IS NOT NULL
),
change AS (
  SELECT residence_division, begins AS month, residents, recorded, contracted, 0 AS records
  FROM span
  WHERE coalesce(ends > begins, true)
  UNION ALL
  SELECT residence_division, ends, -residents, -recorded, -contracted, 0
  FROM span
  WHERE ends > begins
  UNION ALL
  SELECT
    coalesce(history.division_code, record.city_code),
    greatest(record.month, first.month),
    0, 0, 0, 1
  FROM fact_health_record AS record
  CROSS JOIN first
  LEFT JOIN dim_division_code AS history ON history.code = record.residence_division
  WHERE record.status = '1' AND record.created_on <= getvariable('as_of')
),
changed AS (
  SELECT
    residence_division, month,
    sum(residents) AS residents, sum(recorded) AS recorded, sum(contracted) AS contracted, sum(records) AS records
  FROM change
  GROUP BY residence_division, month
)
SELECT
  place.residence_division,
  NULL::VARCHAR AS city_code,
  calendar.month,
  sum(coalesce(changed.residents, 0)) OVER so_far AS residents,
  sum(coalesce(changed.recorded, 0)) OVER so_far AS recorded,
  sum(coalesce(changed.contracted, 0)) OVER so_far AS contracted,
  sum(coalesce(changed.records, 0)) OVER so_far AS records
FROM (SELECT DISTINCT residence_division FROM changed) AS place
CROSS JOIN calendar
LEFT JOIN changed ON changed.residence_division = place.residence_division AND changed.month = calendar.month
WINDOW so_far AS (PARTITION BY place.residence_division ORDER BY calendar.month)
