-- How each target moved: its value of the last month that is over and has data, three months before, and when it was first reached.
-- Reads target_month (target_id, month, division_code, value), target_entry (target_id, target, at_most, is_each) and the
-- variable as_of. One row a target, `division_code` empty, and one a city where it binds several.
WITH over_month AS (
  SELECT *
  FROM target_month
  WHERE value IS NOT NULL AND last_day(month) <= getvariable('as_of')
),
valued AS (
  SELECT entry.target_id, over_month.division_code, over_month.division_code AS furthest, over_month.month, over_month.value
  FROM over_month
  JOIN target_entry AS entry ON entry.target_id = over_month.target_id AND entry.is_each
  UNION ALL
  SELECT
    entry.target_id,
    '',
    CASE WHEN any_value(entry.is_each) THEN CASE WHEN any_value(entry.at_most)
      THEN arg_max(over_month.division_code, (over_month.value, over_month.division_code))
      ELSE arg_min(over_month.division_code, (over_month.value, over_month.division_code)) END END,
    over_month.month,
    CASE WHEN any_value(entry.at_most) THEN max(over_month.value) ELSE min(over_month.value) END
  FROM over_month
  JOIN target_entry AS entry ON entry.target_id = over_month.target_id
  GROUP BY entry.target_id, over_month.month
),
last AS (
  SELECT target_id, division_code, max(month) AS month
  FROM valued
  GROUP BY target_id, division_code
)
SELECT
  valued.target_id,
  valued.division_code,
  last.month,
  max(valued.value) FILTER (WHERE valued.month = last.month) AS value,
  max(valued.furthest) FILTER (WHERE valued.month = last.month) AS furthest,
  arg_min(valued.value, valued.month) FILTER (WHERE valued.month >= last.month - INTERVAL 3 MONTH) AS earlier_value,
  min(valued.month) FILTER (WHERE valued.month >= last.month - INTERVAL 3 MONTH) AS earlier_month,
  min(valued.month) FILTER (
    WHERE CASE WHEN entry.at_most THEN valued.value <= entry.target ELSE valued.value >= entry.target END
  ) AS reached_on
FROM valued
JOIN last ON last.target_id = valued.target_id AND last.division_code = valued.division_code
JOIN target_entry AS entry ON entry.target_id = valued.target_id
GROUP BY valued.target_id, valued.division_code, last.month
ORDER BY valued.target_id, valued.division_code
