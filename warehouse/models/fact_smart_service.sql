-- zh: 智慧医院服务事实表：每机构每项服务一行，为最近报送的实现情况
-- en: Smart services of hospitals: one row an institution and service, as last delivered
-- by: smart_service_id from content_smart_service.row_id
SELECT
  service.row_id AS smart_service_id, -- [1] 记录编号 | id of the record, stable while the record stands
  service.city_code, -- [1] 报送地市代码 | delivering city
  service.org_code,
  service.service_code,
  service.live, -- [1] 是否实现 | the institution offers it
  service.live_on, -- [1] 上线日期 | when it went live
  service.updated_at
FROM content_smart_service AS service
