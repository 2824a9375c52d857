-- How far telemedicine reaches, by month of the calendar: the lowest of the shares of provincial hospitals (20), county hospitals (56),
-- and township and village institutions (1 000) that ever asked for a case or were asked. A county hospital is a general
-- hospital of level 2 that isn't provincial. Reads fact_telemedicine, dim_institution, calendar.
WITH taken_part AS (
  SELECT org_code, min(requested_at)::DATE AS since
  FROM (
    SELECT requester_org AS org_code, requested_at FROM fact_telemedicine
    UNION ALL
    SELECT responder_org, requested_at FROM fact_telemedicine WHERE responder_org IS NOT NULL
  )
  GROUP BY org_code
)
SELECT
  calendar.month,
  '440000' AS division_code,
  least(
    count(*) FILTER (WHERE institution.provincial) / 20,
    count(*) FILTER (WHERE NOT institution.provincial AND institution.category = 'A' AND institution.level = '2') / 56,
    count(*) FILTER (WHERE institution.category IN ('D', 'E')) / 1000
  ) AS numerator,
  1 AS denominator
FROM calendar
LEFT JOIN taken_part ON taken_part.since <= calendar.counted_on
LEFT JOIN dim_institution AS institution ON institution.org_code = taken_part.org_code
WHERE EXISTS (SELECT 1 FROM fact_telemedicine)
GROUP BY calendar.month
