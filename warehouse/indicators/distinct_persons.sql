-- Persons counted once in each figure: per month, per year to date and per year, in every division and level.
-- Reads $table (person, month, city_code, county_code, level, hit), period_month; $indicator. Adds to period_cell.
-- A person's first month in a year says from which year-to-date period on the person counts.
CREATE OR REPLACE TEMP TABLE person_grain AS
SELECT hash(person) AS person, month, division_code, level, bool_or(hit) AS hit
FROM (
  SELECT person, month, unnest([{province}, city_code, county_code]) AS division_code, level, hit
  FROM (SELECT person, month, city_code, county_code, unnest(['all', level]) AS level, hit FROM {table})
)
WHERE division_code IS NOT NULL AND level IS NOT NULL
GROUP BY ALL;

INSERT INTO period_cell
WITH of_month AS (
  SELECT strftime(month, '%Y-%m') AS period, division_code, level, count(*) FILTER (WHERE hit) AS hits, count(*) AS persons
  FROM person_grain
  GROUP BY month, division_code, level
),
of_person AS (
  SELECT division_code, level, min(month) AS first_month, min(month) FILTER (WHERE hit) AS first_hit
  FROM person_grain
  GROUP BY division_code, level, year(month), person
),
begun AS (
  SELECT division_code, level, month, sum(hits) AS hits, sum(persons) AS persons
  FROM (
    SELECT division_code, level, first_month AS month, 0 AS hits, count(*) AS persons FROM of_person GROUP BY ALL
    UNION ALL
    SELECT division_code, level, first_hit, count(*), 0 FROM of_person WHERE first_hit IS NOT NULL GROUP BY ALL
  )
  GROUP BY division_code, level, month
),
counted AS (
  SELECT * FROM of_month
  UNION ALL
  SELECT period.period, begun.division_code, begun.level, sum(begun.hits), sum(begun.persons)
  FROM begun
  JOIN period_month AS period ON period.month = begun.month
  WHERE length(period.period) <> 7
  GROUP BY ALL
)
SELECT
  '{indicator}', period, division_code, level, '',
  hits, persons, hits / persons,
  hits, persons - hits,
  hits BETWEEN 1 AND 9, persons - hits BETWEEN 1 AND 9,
  false, false
FROM counted;

DROP TABLE person_grain;
