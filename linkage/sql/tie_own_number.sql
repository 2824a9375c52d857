-- One institution's number, with the same name, or with the same birth date and sex: one person.
-- Only what holds no valid number yet can still come to someone; so here and in the passes after.
-- Reads link_current. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH free AS (
    SELECT DISTINCT own_key FROM link_current WHERE held_key IS NULL
),
near AS (
    SELECT unit, own_key, name_key, birth_date, sex_code, newborn FROM link_current WHERE own_key IN (FROM free)
),
tied AS (
    SELECT hash('name', own_key, name_key) AS tie, unit FROM near WHERE name_key IS NOT NULL
    UNION
    SELECT hash('birth', own_key, birth_date, sex_code) AS tie, unit
    FROM near
    WHERE birth_date IS NOT NULL AND sex_code IS NOT NULL AND NOT newborn
)
FROM tied WHERE tie IN (SELECT tie FROM tied GROUP BY tie HAVING count(*) > 1);
