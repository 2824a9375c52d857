-- Which figures differ between two exports, and how far each cause moved them.
-- Reads figure_step (step, indicator, period, division_code, level, breakdown, numerator, denominator, value, suppressed):
-- step 0 as the first export says, 6 as the second does, and those between as counted again: 1 of the first's state,
-- 2 with what came late, 3 with corrections, 4 with the second's links, 5 as of the second's day; or none of these.
-- Reads told_before, told_after (indicator, period, preliminary, definition: of each export), catalogue_indicator.
-- Gives figure_change.

-- What only one of the exports has of periods and indicators is new, and hasn't changed.
CREATE OR REPLACE TEMP TABLE compared AS
SELECT
  indicator, period,
  before.preliminary AS preliminary_before,
  after.preliminary AS preliminary_after,
  before.definition <> after.definition OR after.definition IS DISTINCT FROM entry.definition AS redefined
FROM told_before AS before
JOIN told_after AS after USING (indicator, period)
LEFT JOIN catalogue_indicator AS entry USING (indicator);

-- A cell that an export lacks is one without records.
CREATE OR REPLACE TEMP TABLE differing AS
SELECT
  indicator, period, division_code, level, breakdown,
  compared.preliminary_before, compared.preliminary_after, compared.redefined,
  coalesce(before.suppressed, false) OR coalesce(after.suppressed, false) AS hidden,
  CASE WHEN before.step IS NULL THEN 0 ELSE before.numerator END AS before_numerator,
  coalesce(before.denominator, 0) AS before_denominator,
  before.value AS before_value,
  CASE WHEN after.step IS NULL THEN 0 ELSE after.numerator END AS after_numerator,
  coalesce(after.denominator, 0) AS after_denominator,
  after.value AS after_value
FROM (FROM figure_step WHERE step = 0) AS before
FULL JOIN (FROM figure_step WHERE step = 6) AS after USING (indicator, period, division_code, level, breakdown)
JOIN compared USING (indicator, period)
WHERE
  before_numerator IS DISTINCT FROM after_numerator
  OR before_denominator <> after_denominator
  OR before_value IS DISTINCT FROM after_value
  OR coalesce(before.suppressed, false) <> coalesce(after.suppressed, false);

CREATE OR REPLACE TEMP TABLE stepped AS
SELECT
  differing.indicator, differing.period, differing.division_code, differing.level, differing.breakdown,
  turn.step,
  CASE
    WHEN turn.step IN (1, 6) THEN CASE WHEN differing.redefined AND turn.recounted THEN 'definition' ELSE 'unknown' END
    ELSE ['late', 'corrections', 'relinking', 'as_of'][turn.step - 1]
  END AS cause,
  CASE WHEN counted.step IS NULL THEN 0 ELSE counted.numerator END AS numerator,
  coalesce(counted.denominator, 0) AS denominator,
  -- A step without a value leaves its change of it to the next that has one.
  last_value(counted.value IGNORE NULLS) OVER (
    PARTITION BY differing.indicator, differing.period, differing.division_code, differing.level, differing.breakdown
    ORDER BY turn.step
  ) AS value,
  coalesce(counted.suppressed, false) AS suppressed
FROM differing
CROSS JOIN (SELECT step, count(*) OVER () > 2 AS recounted FROM (SELECT DISTINCT step FROM figure_step)) AS turn
LEFT JOIN figure_step AS counted
  ON counted.step = turn.step
  AND counted.indicator = differing.indicator
  AND counted.period = differing.period
  AND counted.division_code = differing.division_code
  AND counted.level = differing.level
  AND counted.breakdown = differing.breakdown
WHERE NOT differing.hidden;

CREATE OR REPLACE TEMP TABLE parted AS
WITH moved AS (
  SELECT
    indicator, period, division_code, level, breakdown, cause, suppressed,
    numerator - lag(numerator) OVER course AS numerator,
    denominator - lag(denominator) OVER course AS denominator,
    value - lag(value) OVER course AS value
  FROM stepped
  WINDOW course AS (PARTITION BY indicator, period, division_code, level, breakdown ORDER BY step)
)
SELECT indicator, period, division_code, level, breakdown, bool_or(suppressed) AS withheld, {parts}
FROM moved
GROUP BY indicator, period, division_code, level, breakdown;

CREATE OR REPLACE TEMP TABLE figure_change AS
SELECT
  indicator, period, division_code, level, breakdown,
  CASE
    WHEN hidden THEN 'suppressed'
    WHEN preliminary_after THEN 'preliminary'
    WHEN preliminary_before THEN 'final'
    ELSE 'revised'
  END AS status,
  CASE WHEN NOT hidden THEN before_numerator END AS before_numerator,
  CASE WHEN NOT hidden THEN before_denominator END AS before_denominator,
  CASE WHEN NOT hidden THEN before_value END AS before_value,
  CASE WHEN NOT hidden THEN after_numerator END AS after_numerator,
  CASE WHEN NOT hidden THEN after_denominator END AS after_denominator,
  CASE WHEN NOT hidden THEN after_value END AS after_value,
  {causes} AS causes,
  {shown}
FROM differing
LEFT JOIN parted USING (indicator, period, division_code, level, breakdown);

DROP TABLE compared; DROP TABLE differing; DROP TABLE stepped; DROP TABLE parted
