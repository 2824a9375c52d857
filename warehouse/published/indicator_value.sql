-- zh: 指标值：每指标、期间、区划、机构等级、分列一行；可辨出少数人者留空
-- en: The figures: one row an indicator, period, division, level and breakdown; empty where they would show few persons
SELECT
  figure.indicator, -- [1] 指标编号 | code of the indicator
  figure.period, -- [1] 期间 | YYYY-MM, YYYY, or YYYY-MM ytd for January up to that month
  figure.division_code, -- [1] 区划代码 (2018年版) | division, edition of 2018
  figure.level, -- [1] 机构等级 | all, or level of the institution: 3, 2, 1, 0
  figure.breakdown, -- [1] 分列 | empty, or name=value
  CASE WHEN NOT figure.suppressed THEN figure.numerator END AS numerator, -- [2] 分子 | numerator; empty of a median
  CASE WHEN NOT figure.suppressed THEN figure.denominator END AS denominator, -- [2] 分母 | denominator
  CASE WHEN NOT figure.suppressed THEN figure.value END AS value, -- [2] 指标值 | numerator ÷ denominator, times 100 where the unit is per 100; empty where the denominator is 0
  CASE WHEN NOT figure.suppressed THEN figure.low END AS low, -- [2] 区间下限 | from here to `high` the value lies, in 95 of 100 cases, for all that doubtful links may have done; empty where it doesn't depend on who is who, or linkage states no error
  CASE WHEN NOT figure.suppressed THEN figure.high END AS high, -- [2] 区间上限 | see `low`
  figure.unit, -- [1] 单位 | unit of the value: ratio (0.9 is 90 %), day, minute, yuan per 100 yuan
  figure.suppressed, -- [1] 是否抑制 | 1 to 9 persons or records behind the cell or its complement, or it would give such a cell away: left empty
  figure.preliminary, -- [1] 是否初步 | the period is not over at as_of
  figure.definition, -- [1] 口径版本 | version of the counting rule
  figure.as_of -- [1] 统计截止日 | events up to and including this day count
FROM indicator_value AS figure
