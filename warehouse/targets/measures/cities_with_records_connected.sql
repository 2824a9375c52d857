-- Cities in which persons treated have a health record, among all. Reads person_treated, dim_division.
SELECT
  treated.month,
  '440000' AS division_code,
  count(DISTINCT treated.city_code) FILTER (WHERE treated.hit) AS numerator,
  (SELECT count(*) FROM dim_division WHERE level = 'city') AS denominator
FROM person_treated AS treated
GROUP BY treated.month
