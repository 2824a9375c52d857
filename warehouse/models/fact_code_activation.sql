-- zh: 健康码激活事实表：每地市每日每激活渠道一行
-- en: Activations of the health code: one row a city, day and channel
-- by: code_activation_id from content_code_activation.row_id
SELECT
  activation.row_id AS code_activation_id, -- [1] 记录编号 | id of the record, stable while the record stands
  activation.city_code, -- [1] 激活地市代码 | city that the activations count in
  date_trunc('month', activation.day)::DATE AS month, -- [1] 月份 (当月1日) | first day of the month
  activation.day,
  activation.channel,
  activation.activated -- [1] 激活人数 | persons whose code was activated
FROM content_code_activation AS activation
