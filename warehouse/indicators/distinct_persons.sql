-- Persons counted once in each figure: per month, per year to date and per year, in every division and level.
-- Reads {table} (person, month, org_code, city_code, hit), dim_institution, dim_division, period_month; adds the figures of {indicator} to period_cell.
-- Who was at one place alone, in a month or a year, counts there and in all that it lies in, so these are summed by place first; only
-- those who were at several are looked at one by one. A person's first month in a year says from which year-to-date period on the
-- person counts. Persons and grains are numbers, for the sake of speed: a hash of 64 bits for the person, level 9 for all levels.
CREATE OR REPLACE TEMP TABLE person_month AS
SELECT *, count(*) OVER (PARTITION BY person, month) = 1 AS single
FROM (
  SELECT
    hash(counted.person) AS person,
    counted.month,
    division.city_code::INTEGER AS city,
    division.county_code::INTEGER AS county,
    institution.level::TINYINT AS level,
    bool_or(counted.hit) AS hit
  FROM {table} AS counted
  {of_institution}
  GROUP BY ALL
);

CREATE OR REPLACE TEMP TABLE person_year AS
SELECT *, count(*) OVER (PARTITION BY person, year(first_month)) = 1 AS single
FROM (
  SELECT person, city, county, level, min(month) AS first_month, min(month) FILTER (WHERE hit) AS first_hit
  FROM person_month
  GROUP BY person, year(month), city, county, level
);

INSERT INTO period_cell
WITH month_place AS (
  SELECT month, city, county, level, count(*) FILTER (WHERE hit) AS hits, count(*) AS persons
  FROM person_month
  WHERE single
  GROUP BY month, city, county, level
),
month_spread AS (
  SELECT month, unnest([{province}::INTEGER, city, county]) AS division, level, hits, persons
  FROM (SELECT month, city, county, unnest([9::TINYINT, level]) AS level, hits, persons FROM month_place)
),
month_person AS (
  SELECT month, division, level, bool_or(hit) AS hit
  FROM (
    SELECT person, month, unnest([{province}::INTEGER, city, county]) AS division, level, hit
    FROM (
      SELECT person, month, city, county, unnest([9::TINYINT, level]) AS level, hit FROM person_month WHERE NOT single
    )
  )
  GROUP BY person, month, division, level
),
begun_place AS (
  SELECT city, county, level, first_month, first_hit, count(*) AS persons
  FROM person_year
  WHERE single
  GROUP BY city, county, level, first_month, first_hit
),
begun_spread AS (
  SELECT unnest([{province}::INTEGER, city, county]) AS division, level, first_month, first_hit, persons
  FROM (SELECT city, county, unnest([9::TINYINT, level]) AS level, first_month, first_hit, persons FROM begun_place)
),
begun_person AS (
  SELECT division, level, min(first_month) AS first_month, min(first_hit) AS first_hit
  FROM (
    SELECT person, unnest([{province}::INTEGER, city, county]) AS division, level, first_month, first_hit
    FROM (
      SELECT person, city, county, unnest([9::TINYINT, level]) AS level, first_month, first_hit
      FROM person_year
      WHERE NOT single
    )
  )
  GROUP BY person, year(first_month), division, level
),
begun AS (
  SELECT division, level, first_month, first_hit, sum(persons) AS persons
  FROM (
    SELECT * FROM begun_spread
    UNION ALL
    SELECT division, level, first_month, first_hit, count(*) FROM begun_person GROUP BY ALL
  )
  GROUP BY ALL
),
counted AS (
  SELECT strftime(month, '%Y-%m') AS period, division, level, sum(hits) AS hits, sum(persons) AS persons
  FROM (
    SELECT month, division, level, hits, persons FROM month_spread
    UNION ALL
    SELECT month, division, level, count(*) FILTER (WHERE hit), count(*) FROM month_person GROUP BY ALL
  )
  GROUP BY ALL
  UNION ALL
  SELECT period.period, step.division, step.level, sum(step.hits), sum(step.persons)
  FROM (
    SELECT division, level, first_month AS month, 0 AS hits, persons FROM begun
    UNION ALL
    SELECT division, level, first_hit, persons, 0 FROM begun WHERE first_hit IS NOT NULL
  ) AS step
  JOIN period_month AS period ON period.month = step.month
  WHERE length(period.period) <> 7
  GROUP BY ALL
)
SELECT
  '{indicator}', period, division::VARCHAR, CASE WHEN level = 9 THEN 'all' ELSE level::VARCHAR END, '',
  hits, persons, hits / persons,
  hits, persons - hits,
  hits BETWEEN 1 AND 9, persons - hits BETWEEN 1 AND 9,
  false, false
FROM counted
WHERE division IS NOT NULL AND level IS NOT NULL;

DROP TABLE person_month;
DROP TABLE person_year;
