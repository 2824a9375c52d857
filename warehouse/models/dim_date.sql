-- zh: 日期维表：自最早事件所在年1月1日至统计截止年12月31日，每日一行
-- en: Days, one row each, from 1 January of the earliest event's year to 31 December of the as-of year
SELECT
  day.date::DATE AS date, -- [1] 日期 | day
  year(day.date)::SMALLINT AS year, -- [1] 年 | year
  quarter(day.date)::TINYINT AS quarter, -- [1] 季度 | quarter, 1 to 4
  date_trunc('month', day.date)::DATE AS month, -- [1] 月份 (当月1日) | first day of the month, as in the facts
  strftime(day.date, '%Y-%m') AS month_name, -- [1] 月份名 (YYYY-MM) | the month as indicator_value writes it
  isodow(day.date)::TINYINT AS weekday -- [1] 星期 | 1 Monday to 7 Sunday
FROM (
  SELECT unnest(generate_series(
    date_trunc('year', least(
      as_of,
      (SELECT min(month) FROM fact_encounter),
      (SELECT min(month) FROM fact_registration),
      (SELECT min(month) FROM fact_connection),
      (SELECT min(month) FROM fact_settlement),
      (SELECT min(month) FROM fact_health_record),
      (SELECT min(month) FROM fact_code_usage),
      (SELECT min(month) FROM fact_code_activation),
      (SELECT min(month) FROM fact_code_decoding),
      (SELECT min(month) FROM fact_booking),
      (SELECT min(month) FROM fact_telemedicine)
    ))::TIMESTAMP,
    date_trunc('year', as_of)::TIMESTAMP + INTERVAL 1 YEAR - INTERVAL 1 DAY,
    INTERVAL 1 DAY
  )) AS date
  FROM build_info
) AS day
