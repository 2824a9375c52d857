-- zh: 指标值：每指标、期间、区划、机构等级、分列一行；供本库内分析，suppressed 为真者不得带出本库
-- en: The figures: one row an indicator, period, division, level and breakdown; for analysts of this warehouse: what is marked suppressed must not leave it
SELECT
  place.indicator, -- [1] 指标编号 | code of the indicator
  place.period, -- [1] 期间 | YYYY-MM, YYYY, or YYYY-MM ytd for January up to that month
  place.division_code, -- [1] 区划代码 (2018年版) | division, edition of 2018
  place.level, -- [1] 机构等级 | all, or level of the institution: 3, 2, 1, 0
  place.breakdown, -- [1] 分列 | empty, or name=value
  CASE WHEN cell.indicator IS NULL THEN 0 ELSE cell.numerator END::DECIMAL(38,2) AS numerator, -- [2] 分子 | numerator; empty of a median
  coalesce(cell.denominator, 0)::DECIMAL(38,2) AS denominator, -- [2] 分母 | denominator
  cell.value, -- [2] 指标值 | numerator ÷ denominator, times 100 where the unit is per 100; empty where the denominator is 0
  interval.low, -- [2] 区间下限 | from here to `high` the value lies, in 95 of 100 cases, for all that doubtful links may have done; empty where it doesn't depend on who is who, or linkage states no error
  interval.high, -- [2] 区间上限 | see `low`
  entry.unit, -- [1] 单位 | unit of the value: ratio (0.9 is 90 %), day, minute, yuan per 100 yuan
  hidden.indicator IS NOT NULL AS suppressed, -- [1] 是否抑制 | 1 to 9 persons or records behind the cell or its complement, or it would give such a cell away: left empty in every export
  place.preliminary, -- [1] 是否初步 | the period is not over at as_of
  entry.definition, -- [1] 口径版本 | version of the counting rule
  getvariable('as_of') AS as_of -- [1] 统计截止日 | events up to and including this day count
FROM (
  SELECT cell.indicator, cell.period, cell.division_code, cell.level, cell.breakdown, period.preliminary
  FROM period_cell AS cell
  JOIN period_month AS period ON period.period = cell.period AND period.is_last
  UNION
  SELECT hidden.indicator, hidden.period, hidden.division_code, hidden.level, hidden.breakdown, period.preliminary
  FROM hidden_cell AS hidden
  JOIN period_month AS period ON period.period = hidden.period AND period.is_last
  UNION
  SELECT entry.indicator, period.period, division.division_code, 'all', '', period.preliminary
  FROM catalogue_indicator AS entry
  CROSS JOIN period_month AS period
  CROSS JOIN dim_division AS division
  WHERE period.is_last AND division.level IN ('province', 'city')
) AS place
JOIN catalogue_indicator AS entry ON entry.indicator = place.indicator
LEFT JOIN period_cell AS cell
  ON cell.indicator = place.indicator
  AND cell.period = place.period
  AND cell.division_code = place.division_code
  AND cell.level = place.level
  AND cell.breakdown = place.breakdown
LEFT JOIN hidden_cell AS hidden
  ON hidden.indicator = place.indicator
  AND hidden.period = place.period
  AND hidden.division_code = place.division_code
  AND hidden.level = place.level
  AND hidden.breakdown = place.breakdown
LEFT JOIN figure_interval AS interval
  ON interval.indicator = place.indicator
  AND interval.period = place.period
  AND interval.division_code = place.division_code
  AND interval.level = place.level
  AND interval.breakdown = place.breakdown
