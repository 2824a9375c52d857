-- A number that several claim: those who agree stand together. Where the register knows the holder, whoever agrees with no
-- holder does not hold it: the number is evidence of someone near (guardian, cardholder), and no longer keeps the unit from
-- being someone else.
-- Reads link_claim, link_label. Renews link_claim and link_placed; gives link_free (the rows of link_placed that hold no
-- number).

CREATE OR REPLACE TEMP TABLE link_claim AS
WITH grouped AS (
    SELECT c.* REPLACE (coalesce(l.label, c.unit) AS unit)
    FROM link_claim AS c LEFT JOIN link_label AS l USING (unit)
),
holders AS (
    SELECT number_key, unit, bool_or(registered) AS registered FROM grouped GROUP BY number_key, unit
),
judged AS (
    SELECT unit, bool_or(registered) OVER (PARTITION BY number_key) AND NOT registered AS borrowed FROM holders
)
SELECT g.number_key, g.name_key, g.birth_date, g.unit, j.borrowed FROM grouped AS g JOIN judged AS j USING (unit);

UPDATE link_placed AS p
SET unit = c.unit,
    held_key = CASE WHEN NOT c.borrowed THEN c.number_key END,
    sure = NOT c.borrowed OR p.registered
FROM link_claim AS c
WHERE p.held_key = c.number_key
  AND p.name_key IS NOT DISTINCT FROM c.name_key
  AND p.birth_date IS NOT DISTINCT FROM c.birth_date;

CREATE OR REPLACE TEMP TABLE link_free AS FROM link_placed WHERE held_key IS NULL;
