-- A newborn's form and the only registered child of that mother, birth date and sex.
-- Reads link_current. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH family AS (
    SELECT unit, registered, newborn, sex_code, mother_birth_key
    FROM link_current
    WHERE mother_birth_key IS NOT NULL AND (registered OR newborn)
),
form AS (
    SELECT DISTINCT unit, sex_code, mother_birth_key FROM family WHERE newborn AND NOT registered
),
attached AS (
    SELECT f.unit, min(c.unit) AS child
    FROM form AS f
    JOIN family AS c
        ON c.registered
        AND c.mother_birth_key = f.mother_birth_key
        AND c.sex_code = coalesce(f.sex_code, c.sex_code)
    GROUP BY f.unit
    HAVING min(c.unit) = max(c.unit) AND min(c.unit) <> f.unit
)
SELECT hash(unit, child) AS tie, unit FROM attached
UNION ALL
SELECT hash(unit, child) AS tie, child FROM attached;
