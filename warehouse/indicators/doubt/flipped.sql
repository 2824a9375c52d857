-- Which doubtful records err in which replicate. Reads facts of persons, dim_person, stated_rate; {replicates}, {share}, {doubtful}: the tiers.
-- Gives doubt_rate (feed, missed, strayed: the probability that a doubtful record is one), doubt_scale (scale) and
-- flipped (replicate, feed, person_key, to_key).
-- Records of one person in one feed err together. What errs is drawn by a hash of what the records say, not of keys, so that a
-- replicate is the same in every home that holds the same records. A missed match goes to somebody new; of false ones
-- each goes to the person of the next, by place.
CREATE OR REPLACE TEMP TABLE doubtful_unit AS
SELECT record.feed, record.person_key, person.residence_division, count(*) AS records, bit_xor(record.mark) AS mark
FROM (
  SELECT 'ehr' AS feed, person_key, tier, hash(org_code, created_on, last_service_on) AS mark FROM fact_health_record
  UNION ALL
  SELECT 'emr', person_key, tier, hash(org_code, start_at, diagnosis_code) FROM fact_encounter
  UNION ALL
  SELECT 'insurance', person_key, tier, hash(org_code, settled_at, medfee_sumamt) FROM fact_settlement
) AS record
JOIN dim_person AS person ON person.person_key = record.person_key AND person.registered
WHERE record.tier IN {doubtful}
GROUP BY record.feed, record.person_key, person.residence_division;

CREATE OR REPLACE TEMP TABLE doubt_rate AS
SELECT
  stated.feed,
  least(stated.missed * stated.records / unit.records, 1) AS missed,
  least(stated.strayed * stated.records / unit.records, 1) AS strayed
FROM stated_rate AS stated
JOIN (SELECT feed, sum(records) AS records FROM doubtful_unit GROUP BY feed) AS unit ON unit.feed = stated.feed;

-- Errors are few: in a replicate they are so many times more that a share of the most doubtful errs, for effects add up.
CREATE OR REPLACE TEMP TABLE doubt_scale AS
SELECT coalesce({share} / nullif(max(missed + strayed), 0), 1) AS scale FROM doubt_rate;

CREATE OR REPLACE TEMP TABLE flipped AS
WITH drawn AS (
  SELECT
    replicate.number AS replicate,
    unit.feed,
    unit.person_key,
    unit.residence_division,
    unit.mark,
    rate.missed * scale.scale AS missed,
    rate.strayed * scale.scale AS strayed,
    hash(unit.mark, unit.feed, replicate.number)::DOUBLE / 18446744073709551616 AS chance
  FROM doubtful_unit AS unit
  JOIN doubt_rate AS rate ON rate.feed = unit.feed
  CROSS JOIN doubt_scale AS scale
  CROSS JOIN (SELECT unnest(range({replicates})) AS number) AS replicate
)
SELECT replicate, feed, person_key, '+' || feed || person_key AS to_key
FROM drawn
WHERE chance < missed
UNION ALL
SELECT replicate, feed, person_key, coalesce(lead(person_key) OVER by_place, first_value(person_key) OVER by_place)
FROM drawn
WHERE chance >= missed AND chance < missed + strayed
WINDOW by_place AS (PARTITION BY replicate ORDER BY residence_division, mark);

DROP TABLE doubtful_unit
