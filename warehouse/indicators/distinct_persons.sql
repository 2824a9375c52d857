-- Persons counted once in each figure: per month, per year to date and per year, in every division and level.
-- Reads {table} (person, month, org_code, city_code, hit), dim_institution, dim_division, period_month; adds the figures of {indicator} to period_cell.
-- A person's year in a place is a number whose bits say in which months, at institutions of which level, the person was there: twelve
-- bits a level, the lowest those of level 0, the fifth twelve those of institutions outside the register. So persons are looked at one
-- by one three times only, in counties, cities and the province, and then counted by these numbers. Persons are hashes of 64 bits,
-- level 9 stands for all levels.
CREATE OR REPLACE TEMP TABLE person_county AS
SELECT person, year(month) AS year, city, county, bit_or(bit) AS seen, bit_or(CASE WHEN hit THEN bit ELSE 0 END) AS hit
FROM (
  SELECT
    hash(counted.person) AS person,
    counted.month,
    division.city_code::INTEGER AS city,
    division.county_code::INTEGER AS county,
    1::UBIGINT << (coalesce(institution.level::INTEGER, 4) * 12 + month(counted.month) - 1) AS bit,
    counted.hit
  FROM {table} AS counted
  {of_institution}
)
GROUP BY person, year(month), city, county;

INSERT INTO period_cell
WITH person_city AS MATERIALIZED (
  SELECT person, year, city, bit_or(seen) AS seen, bit_or(hit) AS hit FROM person_county GROUP BY person, year, city
),
person_province AS (
  SELECT person, year, bit_or(seen) AS seen, bit_or(hit) AS hit FROM person_city GROUP BY person, year
),
in_division AS (
  SELECT year, division, seen, hit, count(*) AS persons
  FROM (
    SELECT year, county AS division, seen, hit FROM person_county
    UNION ALL
    SELECT year, city, seen, hit FROM person_city
    UNION ALL
    SELECT year, {province}::INTEGER, seen, hit FROM person_province
  )
  WHERE division IS NOT NULL
  GROUP BY ALL
),
in_level AS (
  SELECT year, division, level, seen, hit, sum(persons) AS persons
  FROM (
    SELECT
      year, division, unnest(range(4)) AS level, persons,
      (seen >> (level * 12)::UBIGINT) & 4095 AS seen,
      (hit >> (level * 12)::UBIGINT) & 4095 AS hit
    FROM in_division
    UNION ALL
    SELECT
      year, division, 9 AS level, persons,
      (seen | (seen >> 12) | (seen >> 24) | (seen >> 36) | (seen >> 48)) & 4095 AS seen,
      (hit | (hit >> 12) | (hit >> 24) | (hit >> 36) | (hit >> 48)) & 4095 AS hit
    FROM in_division
  )
  WHERE seen > 0
  GROUP BY ALL
),
period AS (
  SELECT period, year(month) AS year, bit_or(1::UBIGINT << (month(month) - 1)) AS months FROM period_month GROUP BY ALL
),
counted AS (
  SELECT
    period.period, cell.division, cell.level,
    coalesce(sum(cell.persons) FILTER (WHERE (cell.hit & period.months) > 0), 0) AS hits,
    sum(cell.persons) AS persons
  FROM in_level AS cell
  JOIN period ON period.year = cell.year
  WHERE (cell.seen & period.months) > 0
  GROUP BY period.period, cell.division, cell.level
)
SELECT
  '{indicator}', period, division::VARCHAR, CASE WHEN level = 9 THEN 'all' ELSE level::VARCHAR END, '',
  hits, persons, hits / persons,
  hits, persons - hits,
  hits BETWEEN 1 AND 9, persons - hits BETWEEN 1 AND 9,
  false, false
FROM counted;

DROP TABLE person_county;
