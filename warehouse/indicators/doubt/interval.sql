-- Intervals of figures. Reads period_cell, difference, doubt_scale, replicate_indicator (indicator, spread: the coefficient of variation of
-- the stated rates); {replicates}, {t}: the quantile of Student's distribution. Gives figure_interval.
-- As the errors of a replicate change a linked figure, so those that linkage made changed the true one: what they did is taken
-- back. Changes are in the numerator's unit, at the figure as published: those of the denominator times the figure. Their mean and
-- variance are those of the replicates, less the scale. They come by whole persons or records: what falls short of a third of one is none;
-- rounded, so that the order of summing doesn't show.
CREATE OR REPLACE TEMP TABLE figure_interval AS
WITH effect AS (
  SELECT
    cell.indicator, cell.period, cell.division_code, cell.level, cell.breakdown,
    sum(difference.numerator - difference.denominator * cell.numerator / cell.denominator) AS total,
    sum((difference.numerator - difference.denominator * cell.numerator / cell.denominator) ** 2) AS squares
  FROM difference
  JOIN period_cell AS cell
    ON cell.indicator = difference.indicator AND cell.period = difference.period AND cell.division_code = difference.division_code
    AND cell.level = difference.level AND cell.breakdown = difference.breakdown
  WHERE cell.denominator > 0
  GROUP BY ALL
),
taken_back AS (
  SELECT
    effect.*,
    -total / {replicates} / scale.scale AS shift,
    {t} * sqrt(
      (squares - total ** 2 / {replicates}) / ({replicates} - 1) / scale.scale + (entry.spread * shift) ** 2
    ) AS around
  FROM effect
  CROSS JOIN doubt_scale AS scale
  JOIN replicate_indicator AS entry ON entry.indicator = effect.indicator
)
SELECT
  cell.indicator, cell.period, cell.division_code, cell.level, cell.breakdown,
  coalesce(floor(round(least(taken_back.shift - taken_back.around, 0) + 1 / 3, 6)), 0) AS less,
  coalesce(ceil(round(greatest(taken_back.shift + taken_back.around, 0) - 1 / 3, 6)), 0) AS more,
  (cell.numerator + less) / cell.denominator::DOUBLE * entry.per AS at_least,
  (cell.numerator + more) / cell.denominator::DOUBLE * entry.per AS at_most,
  greatest(at_least, 0) AS low,
  CASE WHEN entry.is_share AND cell.numerator <= cell.denominator THEN least(at_most, 1) ELSE at_most END AS high
FROM period_cell AS cell
JOIN replicate_indicator AS entry ON entry.indicator = cell.indicator
LEFT JOIN taken_back
  ON taken_back.indicator = cell.indicator AND taken_back.period = cell.period
  AND taken_back.division_code = cell.division_code AND taken_back.level = cell.level
  AND taken_back.breakdown = cell.breakdown
WHERE cell.denominator > 0
