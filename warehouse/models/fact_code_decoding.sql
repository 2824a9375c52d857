-- zh: 健康码核验事实表：每机构每日每应用场景一行，仅计在本平台核验者；与 fact_code_usage 同一粒度
-- en: Health codes decoded by this platform: one row an institution, day and scene, the grain of fact_code_usage
SELECT
  decoding.org_code, -- [1] 机构代码 | institution of the terminal; empty where the terminal is unknown
  date_trunc('month', decoding.day)::DATE AS month, -- [1] 月份 (当月1日) | first day of the month
  decoding.day, -- [1] 日期 | day
  decoding.scene, -- [1] 应用场景 | scene of use
  sum(decoding.decodings)::BIGINT AS scans, -- [1] 核验次数 | codes that terminals asked to decode, refused ones included
  sum(CASE WHEN decoding.outcome = 'allowed' THEN 0 ELSE decoding.decodings END)::BIGINT AS failures -- [1] 拒绝次数 | of these, refused
FROM decoding AS decoding
GROUP BY decoding.org_code, decoding.day, decoding.scene
