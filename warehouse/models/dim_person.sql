-- zh: 居民维表：每人一行，不含直接标识；人由关联模块确定
-- en: Persons, one row each, without direct identifiers; linkage says who is one person
-- by: person_key from person.person_key
SELECT
  person.person_key, -- [3] 居民假名 | the person's pseudonym
  person.registered, -- [2] 是否在全员人口库 | has a record in the population register
  person.sex_code, -- [3] 性别代码 (GB/T 2261.1) | sex
  year(person.birth_date)::SMALLINT AS birth_year, -- [3] 出生年份 | year of birth
  date_trunc('month', person.birth_date)::DATE AS birth_month, -- [3] 出生月份 (当月1日) | first day of the month of birth
  residence.division_code AS residence_division, -- [3] 现住地区划 (2018年版) | division of residence, 2018 edition; empty outside the province
  person.residency_type, -- [2] 居住类型代码 | 1 registered, 2 permanent, 3 floating
  date_trunc('month', person.death_date)::DATE AS death_month, -- [3] 死亡月份 (当月1日) | first day of the month of death; empty while alive
  person.city_code -- [2] 登记地市代码 | city whose register holds the person; empty where none does
FROM person AS person
LEFT JOIN dim_division_code AS residence ON residence.code = person.residence_division
