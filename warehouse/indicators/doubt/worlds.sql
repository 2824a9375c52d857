-- The worlds: of each replicate two, of all persons in whom it differs: as linked, and with the errors of the replicate.
-- Reads flipped, and of {base} the facts of persons and the dimensions. Gives temporary tables of their names, which hide them.
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
SELECT sign || person_key AS person_key, false AS registered FROM in_world WHERE errs AND starts_with(person_key, '+');

CREATE OR REPLACE TEMP TABLE fact_health_record AS
SELECT
  record.* REPLACE (
    record.health_record_id + (world.number::BIGINT << 55) AS health_record_id,
    world.sign || coalesce(flipped.to_key, record.person_key) AS person_key,
    world.sign || record.org_code AS org_code,
    world.sign || record.city_code AS city_code,
    world.sign || record.residence_division AS residence_division
  )
FROM {base}.fact_health_record AS record
JOIN in_world AS world ON world.person_key = record.person_key
LEFT JOIN flipped
  ON world.errs AND flipped.replicate = world.replicate AND flipped.feed = 'ehr'
  AND flipped.person_key = record.person_key AND record.tier IN ('model', 'event');

CREATE OR REPLACE TEMP TABLE fact_encounter AS
SELECT
  encounter.* REPLACE (
    encounter.encounter_id + (world.number::BIGINT << 55) AS encounter_id,
    world.sign || coalesce(flipped.to_key, encounter.person_key) AS person_key,
    world.sign || encounter.org_code AS org_code,
    world.sign || encounter.city_code AS city_code
  )
FROM {base}.fact_encounter AS encounter
JOIN in_world AS world ON world.person_key = encounter.person_key
LEFT JOIN flipped
  ON world.errs AND flipped.replicate = world.replicate AND flipped.feed = 'emr'
  AND flipped.person_key = encounter.person_key AND encounter.tier IN ('model', 'event');

CREATE OR REPLACE TEMP TABLE fact_settlement AS
SELECT
  settlement.* REPLACE (
    settlement.settlement_id + (world.number::BIGINT << 55) AS settlement_id,
    world.sign || coalesce(flipped.to_key, settlement.person_key) AS person_key,
    world.sign || settlement.org_code AS org_code,
    world.sign || settlement.city_code AS city_code
  )
FROM {base}.fact_settlement AS settlement
JOIN in_world AS world ON world.person_key = settlement.person_key
LEFT JOIN flipped
  ON world.errs AND flipped.replicate = world.replicate AND flipped.feed = 'insurance'
  AND flipped.person_key = settlement.person_key AND settlement.tier IN ('model', 'event');

CREATE OR REPLACE TEMP TABLE dim_institution AS
SELECT
  institution.* REPLACE (
    world.sign || institution.org_code AS org_code,
    world.sign || institution.division_code AS division_code,
    world.sign || institution.city_code AS city_code
  )
FROM {base}.dim_institution AS institution
CROSS JOIN world;

CREATE OR REPLACE TEMP TABLE dim_division AS
SELECT
  division.* REPLACE (
    world.sign || division.division_code AS division_code,
    world.sign || division.parent_code AS parent_code,
    world.sign || division.city_code AS city_code,
    world.sign || division.county_code AS county_code
  )
FROM {base}.dim_division AS division
CROSS JOIN world;

CREATE OR REPLACE TEMP TABLE dim_division_code AS
SELECT world.sign || history.code AS code, world.sign || history.division_code AS division_code
FROM {base}.dim_division_code AS history
CROSS JOIN world;

DROP TABLE in_world
