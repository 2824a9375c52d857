-- zh: 披露控制报告：居民维表每一泛化级的人数、行型数与最小行型人数
-- en: Disclosure control of dim_person: persons, distinct rows and the smallest number who share one, by coarsening
SELECT
  cell.coarsening, -- [1] 泛化级 | 0 as it was; 1 county to city; 2 also five years of birth; 3 also no year of death; 4 also ten years, no residency type; 5 also no place; 6 nothing but registered
  cell.rule, -- [1] 规则 | what is coarsened
  sum(cell.persons)::BIGINT AS persons, -- [1] 人数 | persons
  count(DISTINCT (cell.sex_code, cell.birth_year, cell.birth_years, cell.residence_division, cell.residency_type, cell.death_year, cell.city_code, cell.registered)) AS cells, -- [1] 行型数 | distinct rows
  min(cell.sharing)::BIGINT AS smallest_cell -- [1] 最小行型人数 | the fewest persons who share a row
FROM person_cell AS cell
GROUP BY cell.coarsening, cell.rule
