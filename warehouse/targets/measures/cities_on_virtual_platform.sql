-- Cities without a platform of their own that have institutions on the provincial virtual one. Reads institution_month.
SELECT
  month,
  '440000' AS division_code,
  count(*) FILTER (WHERE virtual) AS numerator,
  count(*) AS denominator
FROM (
  SELECT month, city_code, bool_or(platform = '2') AS virtual
  FROM institution_month
  WHERE reported
  GROUP BY month, city_code
  HAVING NOT bool_or(platform = '1')
)
GROUP BY month
