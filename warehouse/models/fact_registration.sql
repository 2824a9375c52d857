-- zh: 人口登记事实表：每条有效全员人口记录一行；同一人登记多次则有多行
-- en: Registrations: one row a live record of the population register; a person registered twice has two
-- by: registration_id from content_population.row_id
-- withheld: *
SELECT
  registration.row_id AS registration_id, -- [2] 记录编号 | id of the record, stable while the record stands
  link.person_key, -- [3] 居民假名 | the person's pseudonym
  link.tier, -- [2] 关联方式 | how the record was attached: authority, model, review, event or new
  registration.city_code, -- [1] 报送地市代码 | delivering city
  registration.domicile_division,
  registration.residence_division,
  registration.residency_type,
  date_trunc('month', registration.updated_at)::DATE AS month, -- [1] 更新月份 (当月1日) | first day of the month of the last update
  registration.updated_at
FROM content_population AS registration
LEFT JOIN person_of_row AS link ON link.row_id = registration.row_id AND link.feed = 'population'
