-- From months to periods: flows add up over a period's months, a state is that of its last month with figures, a growth compares with
-- the same months of the year before. Reads month_cell, period_month, catalogue_indicator.
-- `hits` and `rest` are records behind the cell and behind its complement; of a growth, behind now and behind the year before.
-- `few_hits`, `few_rest`: 1 to 9 records, or not as many persons as ten where that is known. `doubtful_…`: ten or more records, but not
-- surely ten persons.
CREATE OR REPLACE TEMP TABLE period_cell AS
WITH last_state AS (
  SELECT cell.indicator, period.period, max(cell.month) AS month
  FROM month_cell AS cell
  JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator AND entry.kind = 'state'
  JOIN period_month AS period ON period.month = cell.month
  GROUP BY cell.indicator, period.period
),
summed AS (
  SELECT
    cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown,
    sum(cell.numerator) AS numerator, sum(cell.denominator) AS denominator,
    NULL::DOUBLE AS value,
    sum(cell.hits) AS hits, sum(cell.rest) AS rest,
    bit_or(cell.hits_persons) AS hits_persons, bit_or(cell.rest_persons) AS rest_persons,
    sum(cell.hits_least) AS hits_least, sum(cell.rest_least) AS rest_least
  FROM month_cell AS cell
  JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator AND entry.kind <> 'growth'
  JOIN period_month AS period ON period.month = cell.month
  LEFT JOIN last_state ON last_state.indicator = cell.indicator AND last_state.period = period.period
  WHERE entry.kind = 'flow' OR cell.month = last_state.month
  GROUP BY cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown
),
compared AS (
  SELECT
    cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown,
    any_value(entry.grows_in_number) AS in_number,
    sum(cell.numerator) FILTER (WHERE NOT cell.before)::DOUBLE AS numerator_now,
    sum(cell.numerator) FILTER (WHERE cell.before)::DOUBLE AS numerator_before,
    CASE WHEN in_number THEN coalesce(numerator_now, 0)
      ELSE numerator_now / nullif(sum(cell.denominator) FILTER (WHERE NOT cell.before), 0)::DOUBLE END AS now,
    CASE WHEN in_number THEN numerator_before
      ELSE numerator_before / nullif(sum(cell.denominator) FILTER (WHERE cell.before), 0)::DOUBLE END AS before,
    sum(cell.hits) FILTER (WHERE NOT cell.before) AS hits, sum(cell.hits) FILTER (WHERE cell.before) AS rest,
    bit_or(cell.hits_persons) FILTER (WHERE NOT cell.before) AS hits_persons,
    bit_or(cell.hits_persons) FILTER (WHERE cell.before) AS rest_persons
  FROM (
    SELECT *, false AS before, month AS counted_month FROM month_cell
    UNION ALL
    SELECT *, true AS before, (month + INTERVAL 1 YEAR)::DATE AS counted_month FROM month_cell
  ) AS cell
  JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator AND entry.kind = 'growth'
  JOIN period_month AS period ON period.month = cell.counted_month AND period.has_year_before
  GROUP BY cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown
),
counted AS (
  SELECT * FROM summed
  UNION ALL
  SELECT
    indicator, period, division_code, level, breakdown,
    (now - before)::DECIMAL(38,2) AS numerator, before::DECIMAL(38,2) AS denominator, now / before - 1 AS value,
    hits, rest, hits_persons, rest_persons, NULL AS hits_least, NULL AS rest_least
  FROM compared
  WHERE before > 0 AND now IS NOT NULL
)
SELECT
  counted.indicator,
  counted.period,
  counted.division_code,
  counted.level,
  counted.breakdown,
  counted.numerator::DECIMAL(38,2) AS numerator,
  counted.denominator::DECIMAL(38,2) AS denominator,
  coalesce(counted.value, counted.numerator::DOUBLE / nullif(counted.denominator, 0)::DOUBLE * entry.per) AS value,
  counted.hits,
  counted.rest,
  coalesce(counted.hits BETWEEN 1 AND 9 OR (counted.hits > 0 AND counted.hits_least < 10), false) AS few_hits,
  coalesce(counted.rest BETWEEN 1 AND 9 OR (counted.rest > 0 AND counted.rest_least < 10), false) AS few_rest,
  coalesce(NOT few_hits AND counted.hits > 0 AND bit_count(counted.hits_persons) < 10, false) AS doubtful_hits,
  coalesce(NOT few_rest AND counted.rest > 0 AND bit_count(counted.rest_persons) < 10, false) AS doubtful_rest
FROM counted
JOIN catalogue_indicator AS entry ON entry.indicator = counted.indicator
