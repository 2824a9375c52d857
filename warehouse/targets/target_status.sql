-- zh: 承诺台账：每项目标一行，约束多个地市的另有每市一行；统计截止日时的进度
-- en: The ledger of promises: one row a target, and one a city where it binds several; how far each is on the as-of date
SELECT
  assessed.target_id, -- [1] 目标编号 | code of the target, T01 to T28
  assessed.scope, -- [1] 范围 (区划代码，空格分隔) | divisions that it binds, apart by spaces; one of them in a row of its own
  assessed.whole, -- [1] 是否目标整体 | the row is of the target as a whole, not of one city
  assessed.zh, -- [1] 目标 (中文) | the target, in Chinese
  assessed.en, -- [1] 目标 (英文) | the target, in English
  assessed.scope_zh, -- [1] 范围 (中文) | its scope, in Chinese
  assessed.scope_en, -- [1] 范围 (英文) | its scope, in English
  assessed.indicator, -- [1] 指标编号 | the indicator that measures it; empty where it has a count of its own
  assessed.target, -- [1] 目标值 | what the value must reach; empty where the announcement has no figure
  assessed.at_most, -- [1] 是否上限 | the value must not lie above the target
  assessed.deadline, -- [1] 期限 | the day by which; empty where it stands, or is in force
  assessed.value, -- [1] 实现值 | the value of `month`, a share, or of T01 and T19 a number; of several cities, that of the one furthest from the target
  assessed.month, -- [1] 数据月份 (当月1日) | the last month that is over and has data
  assessed.furthest, -- [1] 差距最大的地市代码 | code of the city whose value it is, where the target binds several
  assessed.reached_on, -- [1] 首次达标月份 (当月1日) | the first month in which the target was reached
  assessed.pace, -- [1] 近期月均进度 | mean change of the value a month, over the last three
  assessed.pace_needed, -- [1] 所需月均进度 | change a month that is needed to arrive by the deadline
  assessed.missing, -- [1] 未达标机构数 | institutions still missing, listed in target_missing; empty where it isn't about institutions
  assessed.status, -- [1] 状态 | met, on track, due, missed, not computable
  assessed.ambiguous, -- [1] 是否存在歧义 | the text of the announcement leaves something open
  assessed.note_zh, -- [1] 说明 (中文) | how the text is read, and what stands in the way, in Chinese
  assessed.note_en, -- [1] 说明 (英文) | the same, in English
  assessed.quote, -- [1] 原文 | the announcement's own words
  assessed.as_of -- [1] 统计截止日 | events up to and including this day count
FROM assessed_target AS assessed
