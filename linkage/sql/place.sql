-- Presentations grouped into units by the valid number that they hold; the others are units of their own.
-- Where the register knows the holder of a number, whoever agrees with no holder does not hold it: the number is
-- evidence of someone near (guardian, cardholder), and no longer keeps the unit from being someone else.
-- A unit's number is that of the valid number it holds, or else one of 64 bits with the first set.
-- Reads presentations, link_member, link_disowned, link_claim, link_label; $register. Gives link_placed and link_free (its units
-- without a number).

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

CREATE OR REPLACE TEMP TABLE link_placed AS
WITH repeated AS (
    SELECT presentation_id FROM presentations WHERE presentation_id IN (FROM link_member)
    GROUP BY presentation_id HAVING count(*) > 1
),
once AS (
    FROM presentations
    WHERE presentation_id IN (FROM link_member) AND presentation_id NOT IN (FROM repeated)
    UNION ALL
    SELECT DISTINCT * FROM presentations
    WHERE presentation_id IN (FROM link_member) AND presentation_id IN (FROM repeated)
),
claiming AS (
    SELECT *, id_valid AND number_key IS NOT NULL AND presentation_id NOT IN (FROM link_disowned) AS claims FROM once
)
SELECT
    p.presentation_id,
    CASE
        WHEN p.claims THEN coalesce(c.unit, p.number_key)
        ELSE hash(p.presentation_id) | (1::UBIGINT << 63)
    END AS unit,
    CASE WHEN p.claims AND NOT coalesce(c.borrowed, false) THEN p.number_key END AS held_key,
    p.claims AND NOT coalesce(c.borrowed, false) OR p.feed = $register AS sure,
    p.feed = $register AS registered,
    p.feed IN ('population', 'insurance') AS listed,
    p.newborn, p.city_code, p.sex_code, p.birth_date, p.own_key, p.code_key, p.number_key, p.near_key, p.name_key,
    p.sound_key, p.mother_key, p.phone_key, p.address_key
FROM claiming AS p
LEFT JOIN link_claim AS c
    ON p.claims
    AND p.number_key = c.number_key
    AND p.name_key IS NOT DISTINCT FROM c.name_key
    AND p.birth_date IS NOT DISTINCT FROM c.birth_date;

CREATE OR REPLACE TEMP TABLE link_free AS FROM link_placed WHERE held_key IS NULL;
