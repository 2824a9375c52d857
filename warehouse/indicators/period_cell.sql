-- From months to periods: flows add up over a period's months, a state is that of its last month with figures.
-- Reads month_cell, period_month, catalogue_indicator.
-- `doubtful`: ten or more records, but not surely ten persons, behind the cell or behind its complement.
CREATE OR REPLACE TEMP TABLE period_cell AS
WITH last_state AS (
  SELECT cell.indicator, period.period, max(cell.month) AS month
  FROM month_cell AS cell
  JOIN period_month AS period ON period.month = cell.month
  GROUP BY cell.indicator, period.period
)
SELECT
  cell.indicator,
  period.period,
  cell.division_code,
  cell.level,
  cell.breakdown,
  sum(cell.numerator) AS numerator,
  sum(cell.denominator) AS denominator,
  sum(cell.hits) BETWEEN 1 AND 9 OR sum(cell.rest) BETWEEN 1 AND 9 AS few_records,
  NOT few_records AND sum(cell.hits) > 0 AND bit_count(bit_or(cell.hits_persons)) < 10 AS doubtful_hits,
  NOT few_records AND sum(cell.rest) > 0 AND bit_count(bit_or(cell.rest_persons)) < 10 AS doubtful_rest
FROM month_cell AS cell
JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator
JOIN period_month AS period ON period.month = cell.month
JOIN last_state ON last_state.indicator = cell.indicator AND last_state.period = period.period
WHERE entry.kind = 'flow' OR cell.month = last_state.month
GROUP BY cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown
