-- zh: 居民维表：每人一行，不含直接标识；属性逐级泛化，直至同样属性者不少于10人
-- en: Persons, one row each, without direct identifiers; attributes coarsened until at least 10 persons share them
SELECT
  person.person_key, -- [3] 居民假名 | the person's pseudonym
  person.registered, -- [2] 是否在全员人口库 | has a record in the population register
  cell.sex_code, -- [3] 性别代码 (GB/T 2261.1) | sex; empty where too few persons would share the row
  cell.birth_year, -- [3] 出生年份, 或所在年段的首年 | year of birth, or the first year of a span of birth_years
  cell.birth_years, -- [1] 年段长度 | 1, 5 or 10 years
  cell.residence_division, -- [3] 现住地区划 (2018年版), 或其地市 | division of residence, 2018 edition, or its city; empty outside the province, of the unregistered, from coarsening 5 on
  cell.residency_type, -- [2] 居住类型代码 | 1 registered, 2 permanent, 3 floating; empty from coarsening 4 on
  cell.death_year, -- [3] 死亡年份 | year of death; empty while alive, and from coarsening 3 on
  cell.city_code, -- [2] 登记地市代码 | city whose register holds the person; empty where none does, and from coarsening 5 on
  cell.coarsening -- [1] 泛化级 | 0 as it was, 1 to 5 coarsened, 6 withheld (see person_disclosure)
FROM dim_person AS person
JOIN person_cell AS cell
  ON cell.registered = person.registered
  AND cell.of_sex_code IS NOT DISTINCT FROM person.sex_code
  AND cell.of_birth_year IS NOT DISTINCT FROM person.birth_year
  AND cell.of_residence_division IS NOT DISTINCT FROM person.residence_division
  AND cell.of_residency_type IS NOT DISTINCT FROM person.residency_type
  AND cell.of_death_year IS NOT DISTINCT FROM year(person.death_month)
  AND cell.of_city_code IS NOT DISTINCT FROM person.city_code
ORDER BY person.person_key
