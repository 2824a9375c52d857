-- zh: 诊断汇总：每地市、月份、就诊类型、三位类目一行，不足10人者不列；艾滋病、性病、精神障碍、流产等仅按全省全年汇总
-- en: Diagnoses in aggregate: one row a city, month, encounter type and three-character category, of at least 10 persons; those of the closed list (HIV, venereal diseases, mental disorders, abortion) by province and year alone
SELECT
  counted.city_code, -- [1] 报送地市代码 | delivering city; 440000, the province, for the closed list
  counted.month, -- [1] 月份 (当月1日) | first day of the month; of the year for the closed list
  counted.encounter_type, -- [1] 就诊类型代码 | type of encounter; empty for the closed list
  counted.category, -- [3] ICD-10三位类目 | three-character category of ICD-10
  counted.closed, -- [1] 是否限制类目 | a category of the closed list
  counted.encounters, -- [2] 就诊人次 | encounters
  counted.persons -- [2] 人数 | persons
FROM (
  SELECT
    CASE WHEN diagnosed.closed THEN '440000' ELSE diagnosed.city_code END AS city_code,
    CASE WHEN diagnosed.closed THEN date_trunc('year', diagnosed.month)::DATE ELSE diagnosed.month END AS month,
    CASE WHEN diagnosed.closed THEN NULL ELSE diagnosed.encounter_type END AS encounter_type,
    diagnosed.category,
    diagnosed.closed,
    count(*) AS encounters,
    count(DISTINCT diagnosed.person_key) AS persons
  FROM (
    SELECT
      encounter.city_code,
      encounter.month,
      encounter.encounter_type,
      encounter.person_key,
      icd10_category(encounter.diagnosis_code) AS category,
      icd10_is_closed(icd10_category(encounter.diagnosis_code)) AS closed
    FROM fact_encounter AS encounter
    WHERE encounter.diagnosis_code IS NOT NULL
  ) AS diagnosed
  GROUP BY ALL
) AS counted
WHERE counted.persons >= 10
