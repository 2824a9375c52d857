-- A1: open public institutions of each month, and those of them that are connected and uploaded within the month.
-- Reads dim_institution, fact_connection and the variable as_of. Months run from the first to the last that connection is
-- known of: a month that no city has delivered yet is unknown, not unconnected.
SELECT
  month.first_day AS month,
  institution.city_code,
  institution.county_code,
  institution.level,
  count(connected.org_code) AS numerator,
  count(*) AS denominator
FROM (
  SELECT first_day, least(last_day(first_day), getvariable('as_of')) AS counted_on
  FROM (
    SELECT unnest(generate_series(
      (SELECT min(month) FROM fact_connection)::TIMESTAMP,
      least((SELECT max(month) FROM fact_connection), getvariable('as_of'))::TIMESTAMP,
      INTERVAL 1 MONTH
    ))::DATE AS first_day
  )
) AS month
JOIN dim_institution AS institution
  ON institution.public
  AND coalesce(institution.opened_on <= month.counted_on, true)
  AND coalesce(institution.closed_on > month.counted_on, true)
LEFT JOIN (
  SELECT DISTINCT org_code, month
  FROM fact_connection
  WHERE connected
    AND date_trunc('month', last_upload_at) = month
    AND last_upload_at::DATE <= getvariable('as_of')
) AS connected ON connected.org_code = institution.org_code AND connected.month = month.first_day
GROUP BY ALL
