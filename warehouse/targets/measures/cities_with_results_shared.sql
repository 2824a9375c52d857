-- Cities with institutions whose results residents can look up, among all. Reads institution_month, dim_division.
SELECT
  month,
  '440000' AS division_code,
  count(DISTINCT city_code) FILTER (WHERE results_shared) AS numerator,
  (SELECT count(*) FROM dim_division WHERE level = 'city') AS denominator
FROM institution_month
WHERE reported
GROUP BY month
