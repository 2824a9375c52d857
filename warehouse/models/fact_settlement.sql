-- zh: 医保结算事实表：每笔医保结算一行；已冲销的结算不在其中
-- en: Settlements of medical insurance: one row each; a reversed settlement is not among them
-- by: settlement_id from content_insurance.row_id
-- withheld: settlement_no, encounter_no, insured_division
-- newborns: begin_at, end_at, settled_at
SELECT
  settlement.row_id AS settlement_id, -- [2] 记录编号 | id of the record, stable while the record stands
  link.person_key, -- [3] 居民假名 | the person's pseudonym
  link.tier, -- [2] 关联方式 | how the record was attached: authority, model, review, event or new
  settlement.city_code, -- [1] 报送地市代码 | delivering city
  settlement.org_code,
  settlement.settlement_id AS settlement_no, -- [3] 医保结算ID | setl_id, the insurance system's own number of the settlement
  settlement.encounter_no,
  settlement.insutype,
  settlement.insured_division, -- [2] 参保地区划 | insuplc_admdvs, the division where the person is insured
  settlement.med_type,
  date_trunc('month', settlement.settled_at)::DATE AS month, -- [2] 结算月份 (当月1日) | first day of the month of settlement
  settlement.begin_at, -- [3] 就诊开始时间 | when the care settled for began
  settlement.end_at, -- [3] 就诊结束时间 | when it ended
  settlement.settled_at,
  settlement.medfee_sumamt,
  settlement.inscp_scp_amt,
  settlement.fund_pay_sumamt,
  settlement.acct_pay,
  settlement.psn_cash_pay,
  settlement.drug_fee,
  settlement.cross_region, -- [2] 是否异地就医 | care outside the place of insurance
  settlement.direct_settled -- [2] 是否直接结算 | settled at the institution, not reimbursed afterwards
FROM content_insurance AS settlement
LEFT JOIN person_of_row AS link ON link.row_id = settlement.row_id AND link.feed = 'insurance'
