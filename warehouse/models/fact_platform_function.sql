-- zh: 平台功能事实表：每地市平台每项功能一行，为最近报送的实现情况
-- en: Functions of the city platforms: one row a city and function, as last delivered
-- by: platform_function_id from content_platform_function.row_id
SELECT
  feature.row_id AS platform_function_id, -- [1] 记录编号 | id of the record, stable while the record stands
  feature.city_code, -- [1] 平台所属地市代码 | city whose platform it is
  feature.function_code,
  feature.function_name,
  feature.live, -- [1] 是否实现 | the platform has it
  feature.live_on, -- [1] 上线日期 | when it went live
  feature.updated_at
FROM content_platform_function AS feature
