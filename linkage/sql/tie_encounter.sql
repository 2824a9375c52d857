-- One encounter, told of by the hospital and by the insurance, under the same name, or the same birth date and sex: one
-- person. Reads link_current, link_shared. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH told AS (
    SELECT s.encounter_key, c.unit, c.held_key, c.name_key, c.birth_date, c.sex_code, c.newborn
    FROM link_shared AS s JOIN link_current AS c USING (presentation_id)
),
tied AS (
    SELECT hash('name', encounter_key, name_key) AS tie, unit, held_key FROM told WHERE name_key IS NOT NULL
    UNION
    SELECT hash('birth', encounter_key, birth_date, sex_code), unit, held_key
    FROM told
    WHERE birth_date IS NOT NULL AND sex_code IS NOT NULL AND NOT newborn
)
SELECT tie, unit, $probability AS probability
FROM tied
WHERE tie IN (SELECT tie FROM tied GROUP BY tie HAVING count(*) > 1 AND bool_or(held_key IS NULL));
