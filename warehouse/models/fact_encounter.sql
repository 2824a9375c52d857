-- zh: 就诊事实表：每次门诊、急诊或住院一行
-- en: Encounters: one row an outpatient visit, emergency visit or inpatient stay
-- by: encounter_id from content_emr.row_id
-- withheld: encounter_no
-- newborns: start_at, end_at
SELECT
  encounter.row_id AS encounter_id, -- [2] 记录编号 | id of the record, stable while the record stands
  link.person_key, -- [3] 居民假名 | the person's pseudonym
  link.tier, -- [2] 关联方式 | how the record was attached: authority, model, review, event or new
  encounter.city_code, -- [1] 报送地市代码 | delivering city
  encounter.org_code,
  encounter.encounter_no,
  encounter.encounter_type,
  date_trunc('month', encounter.start_at)::DATE AS month, -- [2] 就诊月份 (当月1日) | first day of the month in which it starts
  encounter.start_at,
  encounter.end_at,
  encounter.department_code,
  encounter.diagnosis_code,
  encounter.diagnosis_name,
  encounter.discharge_way,
  encounter.surgery_level,
  encounter.booked,
  encounter.referral,
  encounter.has_health_code, -- [2] 是否扫码就诊 | the health code was scanned
  encounter.total_fee,
  encounter.drug_fee,
  encounter.consumables_fee,
  encounter.exam_fee
FROM content_emr AS encounter
LEFT JOIN person_of_row AS link ON link.row_id = encounter.row_id AND link.feed = 'emr'
