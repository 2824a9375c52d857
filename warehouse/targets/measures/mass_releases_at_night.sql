-- Times at which a hospital released five slots or more in one minute from 22:00 to before 06:00, by month of the release.
-- Reads fact_booking, calendar and the variable as_of.
SELECT
  calendar.month,
  '440000' AS division_code,
  count(mass.org_code) AS numerator,
  1 AS denominator
FROM calendar
LEFT JOIN (
  SELECT org_code, date_trunc('minute', released_at) AS minute
  FROM fact_booking
  WHERE (released_at::TIME >= TIME '22:00:00' OR released_at::TIME < TIME '06:00:00')
    AND released_at < getvariable('as_of') + INTERVAL 1 DAY
  GROUP BY org_code, minute
  HAVING count(*) >= 5
) AS mass ON date_trunc('month', mass.minute) = calendar.month
WHERE calendar.month >= (SELECT date_trunc('month', min(released_at)) FROM fact_booking)
GROUP BY calendar.month
