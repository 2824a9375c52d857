-- zh: 远程医疗事实表：省远程医疗平台每例业务一行
-- en: Telemedicine: one row a case on the provincial platform
-- by: telemedicine_id from content_telemedicine.row_id
SELECT
  telemedicine.row_id AS telemedicine_id, -- [1] 记录编号 | id of the record, stable while the record stands
  telemedicine.city_code, -- [1] 报送地市代码 | delivering city
  telemedicine.case_no,
  telemedicine.case_type,
  telemedicine.urgency,
  telemedicine.requester_org, -- [1] 申请机构代码 | institution that asks
  telemedicine.responder_org, -- [1] 受邀机构代码 | institution that is asked; empty until one is
  date_trunc('month', telemedicine.requested_at)::DATE AS month, -- [1] 申请月份 (当月1日) | first day of the month of the request
  telemedicine.requested_at,
  telemedicine.arranged_at,
  telemedicine.completed_at
FROM content_telemedicine AS telemedicine
