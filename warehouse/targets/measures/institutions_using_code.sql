-- Institutions with the code in use, by city and month. Reads institution_month.
SELECT month, city_code AS division_code, count(*) FILTER (WHERE code_in_use) AS numerator, 1 AS denominator
FROM institution_month
WHERE reported
GROUP BY month, city_code
