-- One institution's number, or one health code, with the same name, or with the same birth date and sex: one person.
-- Only what holds no valid number yet can still come to someone; so here and in the passes after.
-- Reads link_current. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH given AS (
    SELECT own_key AS given_key, * FROM link_current WHERE own_key IS NOT NULL
    UNION ALL
    SELECT code_key AS given_key, * FROM link_current WHERE code_key IS NOT NULL
),
free AS (
    SELECT DISTINCT given_key FROM given WHERE held_key IS NULL
),
near AS (
    SELECT unit, given_key, name_key, birth_date, sex_code, newborn FROM given WHERE given_key IN (FROM free)
),
tied AS (
    SELECT hash('name', given_key, name_key) AS tie, unit FROM near WHERE name_key IS NOT NULL
    UNION
    SELECT hash('birth', given_key, birth_date, sex_code) AS tie, unit
    FROM near
    WHERE birth_date IS NOT NULL AND sex_code IS NOT NULL AND NOT newborn
)
SELECT tie, unit, $probability AS probability
FROM tied
WHERE tie IN (SELECT tie FROM tied GROUP BY tie HAVING count(*) > 1);
