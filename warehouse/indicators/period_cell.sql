-- From months to periods: flows add up over a period's months, states are those of its last month.
-- Reads month_cell, period_month, catalogue_indicator.
-- `doubtful`: ten or more records, but not surely ten persons, behind the cell or behind its complement.
CREATE OR REPLACE TEMP TABLE period_cell AS
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
JOIN period_month AS period ON period.month = cell.month AND (period.is_last OR entry.kind = 'flow')
GROUP BY cell.indicator, period.period, cell.division_code, cell.level, cell.breakdown
