-- zh: 健康档案事实表：每份有效居民电子健康档案一行；同一人重复建档则有多行
-- en: Health records of residents: one row a live record; a person with two records has two
-- by: health_record_id from content_ehr.row_id
-- withheld: residence_division, updated_at
-- newborns: created_on, last_service_on, contract_on
SELECT
  record.row_id AS health_record_id, -- [2] 记录编号 | id of the record, stable while the record stands
  link.person_key, -- [3] 居民假名 | the person's pseudonym
  link.tier, -- [2] 关联方式 | how the record was attached: authority, model, review, event or new
  record.city_code, -- [1] 报送地市代码 | delivering city
  record.org_code, -- [2] 建档机构代码 | institution that opened the record
  record.residence_division,
  record.status,
  date_trunc('month', record.created_on)::DATE AS month, -- [2] 建档月份 (当月1日) | first day of the month in which the record was opened
  record.created_on,
  record.last_service_on, -- [3] 最近服务日期 | last service entered in the record
  record.contract_on, -- [3] 家庭医生签约日期 | when a family doctor was contracted; empty where none
  record.hypertension_managed, -- [3] 是否纳入高血压健康管理 | under management for hypertension
  record.hypertension_standard, -- [3] 高血压是否规范管理 | managed for hypertension as the standard asks
  record.systolic_bp,
  record.diastolic_bp,
  record.diabetes_managed, -- [3] 是否纳入糖尿病健康管理 | under management for diabetes
  record.diabetes_standard, -- [3] 糖尿病是否规范管理 | managed for diabetes as the standard asks
  record.fasting_glucose,
  record.updated_at
FROM content_ehr AS record
LEFT JOIN person_of_row AS link ON link.row_id = record.row_id AND link.feed = 'ehr'
