-- zh: 医疗卫生机构维表：每机构一行；多地报送同一机构时取最近更新者
-- en: Institutions, one row each; of an institution that several cities deliver, the row updated last
SELECT
  institution.org_code,
  institution.uscc,
  institution.name,
  place.division_code, -- [1] 所在地区划 (2018年版) | division where it stands, 2018 edition; the delivering city where the code is not of this province
  place.city_code, -- [1] 所在地市代码 | city where it stands
  place.county_code, -- [1] 所在县区代码 | county where it stands; empty in 441900 and 442000
  institution.category,
  institution.level,
  institution.grade,
  institution.public,
  institution.provincial,
  institution.beds,
  institution.opened_on,
  institution.closed_on
FROM content_institution AS institution
LEFT JOIN dim_division_code AS history ON history.code = institution.division_code
LEFT JOIN dim_division AS place ON place.division_code = coalesce(history.division_code, institution.city_code)
QUALIFY row_number() OVER (
  PARTITION BY institution.org_code ORDER BY institution.updated_at DESC, institution.row_id DESC
) = 1
