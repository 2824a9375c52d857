-- zh: 关联误差：按数据类别、地市、年龄估计的误匹配率与漏匹配率及其95%区间；空白为合计
-- en: Stated error of linkage: rates of false and missed matches by feed, city and age, with 95 % intervals; empty means all
SELECT
  stated_error.feed, -- [1] 数据类别 | feed; empty: all
  stated_error.city_code, -- [1] 交付地市代码 | delivering city; empty: all
  stated_error.age, -- [1] 年龄组 | age group; empty: all
  stated_error.records, -- [1] 在用记录数 | live records
  stated_error.without_number, -- [1] 无本人有效证件号的记录数 | of these, records without a valid number of their own
  stated_error.false_rate, -- [1] 误匹配率 | share of records in another person's cluster
  stated_error.false_low, -- [1] 误匹配率下限 | its 95 % interval, from
  stated_error.false_high, -- [1] 误匹配率上限 | its 95 % interval, to
  stated_error.missed_rate, -- [1] 漏匹配率 | share of records in nobody's cluster whose person is on the register
  stated_error.missed_low, -- [1] 漏匹配率下限 | its 95 % interval, from
  stated_error.missed_high, -- [1] 漏匹配率上限 | its 95 % interval, to
  stated_error.held_out, -- [1] 试验的证件号数 | presentations whose valid number was held out to find it
  stated_error.model -- [1] 关联模型版本 | version of the linkage model
FROM stated_error AS stated_error
