-- Persons counted once in each figure, as distinct_persons.sql has it, in each world, and what the errors of each replicate change. Reads
-- {table}, the worlds' dimensions, period_month; adds to difference. A person's key begins with the world's number.
CREATE OR REPLACE TEMP TABLE world_person AS
WITH placed AS (
  SELECT
    hash(counted.person) AS person, {replicate} AS replicate, {sign} AS sign, counted.month,
    substr(division.city_code, 4) AS city_code,
    substr(division.county_code, 4) AS county_code, institution.level, bool_or(counted.hit) AS hit
  FROM {table} AS counted
  {of_institution}
  GROUP BY ALL
),
spread AS (
  SELECT person, replicate, sign, month, unnest([{province}, city_code, county_code]) AS division_code, level, hit
  FROM (SELECT person, replicate, sign, month, city_code, county_code, unnest(['all', level]) AS level, hit FROM placed)
)
SELECT person, replicate, sign, month, division_code, level, bool_or(hit) AS hit
FROM spread
WHERE division_code IS NOT NULL AND level IS NOT NULL
GROUP BY person, replicate, sign, month, division_code, level;

INSERT INTO difference
WITH begun AS (
  SELECT replicate, sign, division_code, level, min(month) AS first_month, min(month) FILTER (WHERE hit) AS first_hit
  FROM world_person
  GROUP BY person, replicate, sign, year(month), division_code, level
),
step AS (
  SELECT replicate, sign, division_code, level, first_month AS month, 0 AS hits, 1 AS persons FROM begun
  UNION ALL
  SELECT replicate, sign, division_code, level, first_hit, 1, 0 FROM begun WHERE first_hit IS NOT NULL
),
in_month AS (
  SELECT replicate, month, division_code, level, sum(hit::INTEGER * sign) AS hits, sum(sign) AS persons
  FROM world_person
  GROUP BY ALL
  HAVING hits <> 0 OR persons <> 0
),
from_month AS (
  SELECT replicate, month, division_code, level, sum(hits * sign) AS hits, sum(persons * sign) AS persons
  FROM step
  GROUP BY ALL
  HAVING hits <> 0 OR persons <> 0
)
SELECT '{indicator}', replicate, strftime(month, '%Y-%m'), division_code, level, '', hits, persons FROM in_month
UNION ALL
SELECT '{indicator}', step.replicate, period.period, step.division_code, step.level, '', sum(step.hits), sum(step.persons)
FROM from_month AS step
JOIN period_month AS period ON period.month = step.month
WHERE length(period.period) <> 7
GROUP BY ALL;

DROP TABLE world_person
