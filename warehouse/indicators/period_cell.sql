-- From months to periods: flows add up over a period's months, a state is that of its last month with figures, a growth compares with
-- the same months of the year before. Reads month_cell, period_month, catalogue_indicator.
-- `hits` and `rest` are records behind the cell and behind its complement; of a growth, behind now and behind the year before.
-- `few_hits`, `few_rest`: 1 to 9 records, or not as many persons as ten where that is known. `doubtful_…`: ten or more records, but not
-- surely ten persons.
-- Cells and periods are numbered, for sums by numbers are much faster than by texts.
CREATE OR REPLACE TEMP TABLE cell_key AS
SELECT row_number() OVER ()::INTEGER AS key, cell.*, entry.kind, entry.grows_in_number
FROM (SELECT DISTINCT indicator, division_code, level, breakdown FROM month_cell) AS cell
JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator;

CREATE OR REPLACE TEMP TABLE keyed_cell AS
SELECT
  key.key, key.indicator, key.kind, key.grows_in_number, cell.month, cell.numerator, cell.denominator, cell.hits, cell.rest,
  cell.hits_persons, cell.rest_persons, cell.hits_least, cell.rest_least
FROM month_cell AS cell
JOIN cell_key AS key
  ON key.indicator = cell.indicator AND key.division_code = cell.division_code AND key.level = cell.level
  AND key.breakdown = cell.breakdown;

CREATE OR REPLACE TEMP TABLE period_cell AS
WITH numbered AS (
  SELECT *, dense_rank() OVER (ORDER BY period)::INTEGER AS number FROM period_month
),
last_state AS (
  SELECT cell.indicator, period.number, max(cell.month) AS month
  FROM keyed_cell AS cell
  JOIN numbered AS period ON period.month = cell.month
  WHERE cell.kind = 'state'
  GROUP BY cell.indicator, period.number
),
summed AS (
  SELECT
    cell.key, cell.number,
    sum(cell.numerator) AS numerator, sum(cell.denominator) AS denominator,
    NULL::DOUBLE AS value,
    sum(cell.hits) AS hits, sum(cell.rest) AS rest,
    bit_or(cell.hits_persons) AS hits_persons, bit_or(cell.rest_persons) AS rest_persons,
    sum(cell.hits_least) AS hits_least, sum(cell.rest_least) AS rest_least
  FROM (
    SELECT cell.*, period.number
    FROM keyed_cell AS cell
    JOIN numbered AS period ON period.month = cell.month
    WHERE cell.kind = 'flow'
    UNION ALL
    SELECT cell.*, last_state.number
    FROM keyed_cell AS cell
    JOIN last_state ON last_state.indicator = cell.indicator AND last_state.month = cell.month
  ) AS cell
  GROUP BY cell.key, cell.number
),
compared AS (
  SELECT
    cell.key, period.number,
    any_value(cell.grows_in_number) AS in_number,
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
    SELECT *, false AS before, month AS counted_month FROM keyed_cell WHERE kind = 'growth'
    UNION ALL
    SELECT *, true AS before, (month + INTERVAL 1 YEAR)::DATE AS counted_month FROM keyed_cell WHERE kind = 'growth'
  ) AS cell
  JOIN numbered AS period ON period.month = cell.counted_month AND period.has_year_before
  GROUP BY cell.key, period.number
),
counted AS (
  SELECT * FROM summed
  UNION ALL
  SELECT
    key, number,
    (now - before)::DECIMAL(38,2) AS numerator, before::DECIMAL(38,2) AS denominator, now / before - 1 AS value,
    hits, rest, hits_persons, rest_persons, NULL AS hits_least, NULL AS rest_least
  FROM compared
  WHERE before > 0 AND now IS NOT NULL
)
SELECT
  key.indicator,
  period.period,
  key.division_code,
  key.level,
  key.breakdown,
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
JOIN cell_key AS key ON key.key = counted.key
JOIN catalogue_indicator AS entry ON entry.indicator = key.indicator
JOIN numbered AS period ON period.number = counted.number AND period.is_last;

DROP TABLE cell_key;
DROP TABLE keyed_cell
