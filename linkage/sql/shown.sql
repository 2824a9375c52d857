-- All ways in which the units that are compared were written down, and the mothers' names that are known of them. A known
-- person is known by what the authority says, not by those whom other rules joined: so an answer hangs on few others.
-- Reads link_compared_pair, link_current, link_mother, link_root, link_text. Gives link_shown.

CREATE OR REPLACE TEMP TABLE link_shown AS
WITH compared AS (
    SELECT a AS unit FROM link_compared_pair UNION SELECT b FROM link_compared_pair
),
held AS (
    SELECT DISTINCT held_key FROM link_current WHERE held_key IS NOT NULL
),
anchor AS (
    SELECT DISTINCT unit FROM link_current WHERE (registered OR held_key IS NOT NULL) AND unit IN (FROM compared)
),
written AS (
    SELECT
        c.unit,
        c.unit IN (FROM anchor) AS anchor,
        CASE WHEN c.listed THEN hash(c.registered, c.city_code) END AS list_key,
        c.city_code, c.sex_code, c.birth_date, c.own_key, c.code_key, c.number_key, c.near_key, c.phone_key, c.address_key,
        t.name, hash(t.name) AS name_id, t.id_no,
        coalesce(c.number_key IN (FROM held), false) AS number_held
    FROM link_current AS c JOIN link_text AS t USING (presentation_id)
    WHERE c.unit IN (FROM compared) AND (c.sure OR c.unit NOT IN (FROM anchor))
)
SELECT
    * REPLACE (
        CASE WHEN name IS NOT NULL THEN name_id END AS name_id,
        -- A number that somebody else holds says nothing of one's own birth.
        coalesce(birth_date, CASE WHEN anchor OR NOT number_held THEN link_born(id_no) END) AS birth_date
    ),
    NULL::UBIGINT AS mother_key
FROM written
UNION ALL BY NAME
SELECT DISTINCT coalesce(r.root, m.unit) AS unit, m.mother_key
FROM link_mother AS m LEFT JOIN link_root AS r USING (unit)
WHERE coalesce(r.root, m.unit) IN (FROM compared);
