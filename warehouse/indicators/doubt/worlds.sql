-- The worlds: of each replicate two, of all persons in whom it differs: as linked, and with the errors of the replicate.
-- Reads flipped, and dim_person of {base}. Gives world, in_world (the persons of each), and dim_person, which hides that of {base}.
-- Each world is a small province of its own: its number, three digits, begins all its keys of persons, institutions and divisions.
CREATE OR REPLACE TEMP TABLE world AS
SELECT number, number // 2 AS replicate, number % 2 = 1 AS errs, format('{{:03d}}', number) AS sign
FROM (SELECT unnest(range(2 * (SELECT coalesce(max(replicate), -1) + 1 FROM flipped))) AS number);

CREATE OR REPLACE TEMP TABLE in_world AS
SELECT world.*, person.person_key
FROM world
JOIN (
  SELECT DISTINCT replicate, unnest([person_key, to_key]) AS person_key FROM flipped
) AS person ON person.replicate = world.replicate;

CREATE OR REPLACE TEMP TABLE dim_person AS
SELECT
  person.* REPLACE (
    world.sign || person.person_key AS person_key,
    world.sign || person.residence_division AS residence_division,
    world.sign || person.city_code AS city_code
  )
FROM {base}.dim_person AS person
JOIN in_world AS world ON world.person_key = person.person_key
UNION ALL BY NAME
SELECT sign || person_key AS person_key, false AS registered FROM in_world WHERE errs AND starts_with(person_key, '+')
