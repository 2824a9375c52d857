-- zh: 平台接入事实表：每机构每月一行
-- en: Connection of institutions to their platform: one row an institution and month
-- by: connection_id from content_platform_connection.row_id
SELECT
  connection.row_id AS connection_id, -- [1] 记录编号 | id of the record, stable while the record stands
  connection.city_code, -- [1] 报送地市代码 | delivering city
  connection.org_code,
  try_strptime(connection.month || '-01', '%Y-%m-%d')::DATE AS month, -- [1] 月份 (当月1日) | first day of the month
  connection.platform,
  connection.connected,
  connection.last_upload_at,
  connection.code_live,
  connection.results_shared
FROM content_platform_connection AS connection
