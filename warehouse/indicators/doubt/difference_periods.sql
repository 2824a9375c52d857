-- From months to periods, as period_cell.sql has it. Reads difference_month, period_month, catalogue_indicator; adds to difference.
INSERT INTO difference
SELECT
  cell.indicator, cell.replicate, period.period, cell.division_code, cell.level, cell.breakdown,
  sum(cell.numerator), sum(cell.denominator)
FROM difference_month AS cell
JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator
JOIN period_month AS period ON period.month = cell.month AND (entry.kind = 'flow' OR period.is_last)
GROUP BY ALL
