-- Platform access of public institutions in cities with a platform of their own. Reads institution_month.
SELECT
  month,
  city_code AS division_code,
  count(*) FILTER (WHERE public AND uploading) AS numerator,
  count(*) FILTER (WHERE public) AS denominator
FROM institution_month
WHERE reported
GROUP BY month, city_code
HAVING bool_or(platform = '1')
