-- Active health records by institution and month of the calendar: in use, under management, managed to standard, controlled.
-- Reads fact_health_record, dim_person, calendar and the variable as_of. What begins and ends is counted where it does, and
-- summed up over the months. A record is in use for a year from its last service. `persons_…` counts of the records those that are
-- their person's first: so many persons at least stand behind them.
CREATE OR REPLACE TEMP TABLE record_state AS
WITH first AS (SELECT min(month) AS month FROM calendar),
record AS (
  SELECT
    record.org_code,
    record.city_code,
    row_number() OVER (
      PARTITION BY coalesce(record.person_key, record.health_record_id::VARCHAR)
      ORDER BY record.created_on, record.org_code, record.updated_at, record.last_service_on, record.health_record_id
    ) = 1 AS is_first,
    greatest(record.month, first.month) AS begins,
    CASE WHEN record.last_service_on <= getvariable('as_of')
      THEN (record.last_service_on + INTERVAL 1 YEAR)::DATE END AS used_until,
    coalesce(record.hypertension_managed, false) AS hypertension,
    coalesce(record.hypertension_managed AND record.hypertension_standard, false) AS hypertension_standard,
    coalesce(record.hypertension_managed AND record.diastolic_bp < 90 AND record.systolic_bp < 140, false) AS controlled,
    coalesce(record.hypertension_managed AND record.diastolic_bp < 90 AND record.systolic_bp BETWEEN 140 AND 149, false)
      AS controlled_if_65,
    (person.birth_month + INTERVAL 65 YEAR)::DATE AS turns_65,
    coalesce(record.diabetes_managed, false) AS diabetes,
    coalesce(record.diabetes_managed AND record.diabetes_standard, false) AS diabetes_standard,
    coalesce(record.diabetes_managed AND record.fasting_glucose < 7.0, false) AS glucose
  FROM fact_health_record AS record
  CROSS JOIN first
  LEFT JOIN dim_person AS person ON person.person_key = record.person_key AND person.registered
  WHERE record.status = '1' AND record.created_on <= getvariable('as_of')
),
change AS (
  SELECT
    org_code, city_code, is_first, begins AS month,
    1 AS active, 0 AS used, hypertension::INT AS hypertension, hypertension_standard::INT AS hypertension_standard,
    controlled::INT AS controlled, diabetes::INT AS diabetes, diabetes_standard::INT AS diabetes_standard,
    glucose::INT AS glucose
  FROM record
  UNION ALL
  SELECT org_code, city_code, is_first, begins, 0, 1, 0, 0, 0, 0, 0, 0
  FROM record WHERE date_trunc('month', used_until) > begins
  UNION ALL
  SELECT org_code, city_code, is_first, date_trunc('month', used_until)::DATE, 0, -1, 0, 0, 0, 0, 0, 0
  FROM record WHERE date_trunc('month', used_until) > begins AND used_until <= getvariable('as_of')
  UNION ALL
  SELECT org_code, city_code, is_first, greatest(begins, turns_65), 0, 0, 0, 0, 1, 0, 0, 0
  FROM record WHERE controlled_if_65 AND turns_65 IS NOT NULL
),
changed AS (
  SELECT
    org_code, city_code, month,
    sum(active) AS active, sum(active) FILTER (WHERE is_first) AS persons_active,
    sum(used) AS used, sum(used) FILTER (WHERE is_first) AS persons_used,
    sum(hypertension) AS hypertension, sum(hypertension) FILTER (WHERE is_first) AS persons_hypertension,
    sum(hypertension_standard) AS hypertension_standard,
    sum(hypertension_standard) FILTER (WHERE is_first) AS persons_hypertension_standard,
    sum(controlled) AS controlled, sum(controlled) FILTER (WHERE is_first) AS persons_controlled,
    sum(diabetes) AS diabetes, sum(diabetes) FILTER (WHERE is_first) AS persons_diabetes,
    sum(diabetes_standard) AS diabetes_standard,
    sum(diabetes_standard) FILTER (WHERE is_first) AS persons_diabetes_standard,
    sum(glucose) AS glucose, sum(glucose) FILTER (WHERE is_first) AS persons_glucose
  FROM change
  GROUP BY org_code, city_code, month
)
SELECT
  place.org_code,
  place.city_code,
  calendar.month,
  coalesce(sum(COLUMNS(changed.* EXCLUDE (org_code, city_code, month))) OVER so_far, 0)
FROM (SELECT DISTINCT org_code, city_code FROM changed) AS place
CROSS JOIN calendar
LEFT JOIN changed
  ON changed.org_code = place.org_code AND changed.city_code = place.city_code AND changed.month = calendar.month
WINDOW so_far AS (PARTITION BY place.org_code, place.city_code ORDER BY calendar.month)
