-- Who claims a valid number, under which name and birth date. Where several do, those who agree on name or on birth
-- date are tied: 'registered twice' and 'a name slip' are one person, a guardian's or borrowed number is not.
-- Reads link_placed. Gives link_claim (of numbers that several claim) and link_tie.

CREATE OR REPLACE TEMP TABLE link_claim AS
WITH disputed AS (
    SELECT held_key
    FROM link_placed
    WHERE held_key IS NOT NULL
    GROUP BY held_key
    HAVING min(hash(name_key, birth_date)) <> max(hash(name_key, birth_date))
)
SELECT
    number_key, name_key, birth_date,
    hash('claim', number_key, name_key, birth_date) >> 1 AS unit,
    bool_or(registered) AS registered
FROM link_placed
WHERE held_key IN (FROM disputed)
GROUP BY number_key, name_key, birth_date;

CREATE OR REPLACE TEMP TABLE link_tie AS
SELECT hash(number_key, 'name', name_key) AS tie, unit FROM link_claim WHERE name_key IS NOT NULL
UNION ALL
SELECT hash(number_key, 'birth', birth_date) AS tie, unit FROM link_claim WHERE birth_date IS NOT NULL;
