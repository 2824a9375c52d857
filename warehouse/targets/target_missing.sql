-- zh: 未达标机构：每项目标在数据月份尚缺的机构，逐家列名
-- en: Institutions still missing for a target in the month of its value, by name
SELECT
  missing.target_id, -- [1] 目标编号 | code of the target
  institution.city_code, -- [1] 所在地市代码 | city where it stands
  missing.org_code, -- [1] 机构代码 | institution
  institution.name, -- [1] 机构名称 | its name
  institution.level, -- [1] 医院等级 | 3, 2, 1, or 0 where not graded
  missing.month -- [1] 数据月份 (当月1日) | the month in which it was missing
FROM missing_institution AS missing
JOIN dim_institution AS institution ON institution.org_code = missing.org_code
