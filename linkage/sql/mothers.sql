-- Children by their mothers' names: a newborn's form has hers, a child on the register her number.
-- Reads link_placed, link_free. Adds to link_met; gives link_mother (unit, mother_key, birth_date).

CREATE OR REPLACE TEMP TABLE link_mother AS
WITH wanted AS (
    SELECT DISTINCT birth_date, mother_key FROM link_free WHERE mother_key IS NOT NULL AND birth_date IS NOT NULL
),
child AS (
    SELECT DISTINCT unit, near_key, birth_date
    FROM link_placed
    WHERE near_key IS NOT NULL AND birth_date IN (SELECT birth_date FROM wanted)
),
holder AS (
    SELECT DISTINCT held_key AS near_key, sound_key AS mother_key
    FROM link_placed
    WHERE held_key IN (SELECT near_key FROM child) AND sound_key IN (SELECT mother_key FROM wanted)
)
SELECT DISTINCT c.unit, h.mother_key, c.birth_date
FROM child AS c JOIN holder AS h USING (near_key) JOIN wanted AS w USING (mother_key, birth_date)
UNION
SELECT DISTINCT unit, mother_key, birth_date FROM link_free WHERE mother_key IS NOT NULL AND birth_date IS NOT NULL;

INSERT INTO link_met SELECT unit FROM link_mother;
