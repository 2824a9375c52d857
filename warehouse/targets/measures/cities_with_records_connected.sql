-- Cities in which persons treated have a health record, among all. Reads measured (A11), dim_division.
SELECT
  strptime(figure.period || '-01', '%Y-%m-%d')::DATE AS month,
  '440000' AS division_code,
  count(*) FILTER (WHERE figure.numerator > 0) AS numerator,
  count(*) AS denominator
FROM measured AS figure
JOIN dim_division AS division ON division.division_code = figure.division_code AND division.level = 'city'
WHERE figure.indicator = 'A11' AND figure.level = 'all' AND figure.breakdown = '' AND length(figure.period) = 7
GROUP BY figure.period
HAVING sum(figure.denominator) > 0
