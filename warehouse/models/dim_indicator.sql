-- zh: 指标目录：每指标一行；口径见 docs/indicators.md
-- en: The catalogue of indicators, one row each; docs/indicators.md says how each counts
SELECT
  entry.indicator, -- [1] 指标编号 | code
  entry.definition, -- [1] 口径版本 | version of the counting rule: changes when what is counted changes
  entry.zh, -- [1] 中文名称 | Chinese name
  entry.en, -- [1] 英文名称 | English name
  entry.meaning_zh, -- [1] 中文含义 | meaning, in Chinese
  entry.meaning_en, -- [1] 英文含义 | meaning, in English
  entry.numerator_zh, -- [1] 分子 | what the numerator counts, in Chinese
  entry.numerator_en, -- [1] 分子 (英文) | what the numerator counts
  entry.denominator_zh, -- [1] 分母 | what the denominator counts, in Chinese
  entry.denominator_en, -- [1] 分母 (英文) | what the denominator counts
  entry.unit, -- [1] 单位 | unit of the value: ratio (0.9 is 90 %), day, minute, yuan per 100 yuan
  entry.good, -- [1] 导向 | which way is better: up, down, or monitor where neither is
  entry.kind, -- [1] 类型 | flow: events of a period; state: as at the end of a period; growth: on the same months of the year before
  entry.counts_persons, -- [1] 是否涉及个人 | made of person records: small cells are suppressed
  entry.feeds, -- [1] 数据来源 | the feeds it is made of
  entry.threshold, -- [1] 目标值 | the threshold, in the value's unit; empty where none is set
  entry.threshold_source -- [1] 目标来源 | where the threshold comes from
FROM catalogue_indicator AS entry
