-- Cities in which slots were booked on the provincial platform so far, among all, by month of the calendar.
-- Reads fact_booking, dim_institution, dim_division, calendar.
SELECT
  calendar.month,
  '440000' AS division_code,
  count(*) FILTER (WHERE booked.since <= calendar.counted_on) AS numerator,
  (SELECT count(*) FROM dim_division WHERE level = 'city') AS denominator
FROM calendar
CROSS JOIN (
  SELECT coalesce(institution.city_code, slot.city_code) AS city, min(slot.booked_at) FILTER (WHERE slot.channel = '1')::DATE AS since
  FROM fact_booking AS slot
  LEFT JOIN dim_institution AS institution ON institution.org_code = slot.org_code
  GROUP BY city
) AS booked
GROUP BY calendar.month
