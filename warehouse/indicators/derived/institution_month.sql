-- Open institutions by month of the calendar, and how far each is: connected, uploading, the health code in use, services live.
-- Reads dim_institution, fact_connection, fact_code_usage, fact_smart_service, calendar and the variable as_of. `reported`: some
-- institution's connection is known of that month or of months on both its sides; a month that no city has delivered yet is unknown, not
-- unconnected.
CREATE OR REPLACE TEMP TABLE institution_month AS
WITH connection AS (
  SELECT
    org_code,
    month,
    max(platform) AS platform,
    bool_or(connected) AS connected,
    bool_or(connected AND date_trunc('month', last_upload_at) = month
      AND last_upload_at::DATE <= getvariable('as_of')) AS uploading,
    bool_or(code_live) AS code_live,
    bool_or(results_shared) AS results_shared
  FROM fact_connection
  GROUP BY org_code, month
),
usage AS (
  SELECT org_code, month, sum(scans) AS scans
  FROM fact_code_usage
  WHERE day <= getvariable('as_of')
  GROUP BY org_code, month
),
service AS (
  SELECT
    offered.org_code,
    calendar.month,
    count(DISTINCT offered.service_code) FILTER (WHERE offered.service_code LIKE 'S%') AS of_the_ten,
    count(DISTINCT offered.service_code) FILTER (WHERE offered.service_code LIKE 'T%') AS of_the_three,
    count(*) FILTER (WHERE offered.service_code = 'E01') > 0 AS shares_emergencies
  FROM fact_smart_service AS offered
  JOIN calendar ON coalesce(offered.live_on <= calendar.counted_on, true)
  WHERE offered.live
  GROUP BY offered.org_code, calendar.month
)
SELECT
  institution.org_code,
  institution.city_code,
  institution.public,
  institution.level,
  institution.category,
  institution.category IN ('A', 'B', 'F') AS hospital,
  calendar.month,
  calendar.month BETWEEN (SELECT min(month) FROM fact_connection) AND (SELECT max(month) FROM fact_connection) AS reported,
  coalesce(connection.platform, '0') AS platform,
  coalesce(connection.connected, false) AS connected,
  coalesce(connection.uploading, false) AS uploading,
  coalesce(connection.code_live AND usage.scans > 0, false) AS code_in_use,
  coalesce(connection.results_shared, false) AS results_shared,
  coalesce(service.of_the_ten, 0) AS of_the_ten,
  coalesce(service.of_the_three, 0) AS of_the_three,
  coalesce(service.shares_emergencies, false) AS shares_emergencies
FROM dim_institution AS institution
JOIN calendar
  ON coalesce(institution.opened_on <= calendar.counted_on, true)
  AND coalesce(institution.closed_on > calendar.counted_on, true)
LEFT JOIN connection ON connection.org_code = institution.org_code AND connection.month = calendar.month
LEFT JOIN usage ON usage.org_code = institution.org_code AND usage.month = calendar.month
LEFT JOIN service ON service.org_code = institution.org_code AND service.month = calendar.month
