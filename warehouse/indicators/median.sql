-- The median of a whole number over rows of a fact, per period, division and level; with an even count the mean of the two in the
-- middle. Reads the fact, dim_institution, dim_division, period_month. Adds to period_cell, without a numerator.
INSERT INTO period_cell
WITH counted AS (
  SELECT fact.{place} AS place, fact.city_code, date_trunc('month', fact.{event})::DATE AS month, {measure} AS measure, count(*) AS records
  FROM {fact} AS fact
  WHERE ({scope}) AND fact.{event} < getvariable('as_of') + INTERVAL 1 DAY
  GROUP BY ALL
),
placed AS (
  SELECT division.city_code, division.county_code, institution.level, counted.month, counted.measure, sum(counted.records) AS records
  FROM counted
  {of_institution}
  GROUP BY ALL
),
spread AS (
  SELECT division_code, level, month, measure, sum(records) AS records
  FROM (
    SELECT unnest([{province}, city_code, county_code]) AS division_code, level, month, measure, records
    FROM (SELECT city_code, county_code, unnest(['all', level]) AS level, month, measure, records FROM placed)
  )
  WHERE division_code IS NOT NULL AND level IS NOT NULL
  GROUP BY ALL
),
of_period AS (
  SELECT period.period, spread.division_code, spread.level, spread.measure, sum(spread.records) AS records
  FROM spread
  JOIN period_month AS period ON period.month = spread.month
  GROUP BY ALL
),
ranked AS (
  SELECT
    period, division_code, level, measure,
    sum(records) OVER (PARTITION BY period, division_code, level ORDER BY measure) AS up_to,
    sum(records) OVER (PARTITION BY period, division_code, level) AS records
  FROM of_period
)
SELECT
  '{indicator}', period, division_code, level, 'statistic=median',
  NULL, any_value(records),
  (min(measure) FILTER (WHERE up_to * 2 >= records) + min(measure) FILTER (WHERE up_to * 2 > records)) / 2,
  NULL, NULL, false, false, false, false
FROM ranked
GROUP BY period, division_code, level
