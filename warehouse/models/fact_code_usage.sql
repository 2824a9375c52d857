-- zh: 健康码应用事实表：每机构每日每应用场景一行
-- en: Use of the health code: one row an institution, day and scene
-- by: code_usage_id from content_code_usage.row_id
SELECT
  usage.row_id AS code_usage_id, -- [1] 记录编号 | id of the record, stable while the record stands
  usage.city_code, -- [1] 报送地市代码 | delivering city
  usage.org_code,
  date_trunc('month', usage.day)::DATE AS month, -- [1] 月份 (当月1日) | first day of the month
  usage.day,
  usage.scene,
  usage.scans, -- [1] 扫码次数 | scans, failed ones included
  usage.failures
FROM content_code_usage AS usage
