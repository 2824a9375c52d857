-- zh: 行政区划维表：省、21个地市及其县区 (GB/T 2260 2018年版)；东莞、中山不设县区
-- en: Divisions: the province, its 21 cities and their counties, GB/T 2260 edition of 2018; 441900 and 442000 have no counties
SELECT
  division.division_code, -- [1] 区划代码 | division code
  division.zh, -- [1] 中文名称 | Chinese name
  division.en, -- [1] 英文名称 | English name
  division.level, -- [1] 层级 | province, city or county
  division.parent_code, -- [1] 上级区划代码 | code of the division above; empty for the province
  CASE division.level WHEN 'city' THEN division.division_code WHEN 'county' THEN division.parent_code END AS city_code, -- [1] 所属地市代码 | the city it is or lies in; empty for the province
  CASE division.level WHEN 'county' THEN division.division_code END AS county_code -- [1] 所属县区代码 | the county it is; empty for cities and the province
FROM contract_division AS division
