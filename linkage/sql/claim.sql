-- Who claims a valid number, under which name and birth date. Where several do, those who agree on name or on birth
-- date are tied: 'registered twice' and 'a name slip' are one person, a guardian's or borrowed number is not.
-- A newborn's form claims nothing: its number is the mother's.
-- Reads link_node. Gives link_claim and link_tie.

CREATE OR REPLACE TEMP TABLE link_claim AS
SELECT number_key, name_key, birth_date, min(n) AS unit, bool_or(registered) AS registered
FROM link_node
WHERE claims
GROUP BY number_key, name_key, birth_date;

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH disputed AS (
    FROM link_claim
    WHERE number_key IN (SELECT number_key FROM link_claim GROUP BY number_key HAVING count(*) > 1)
)
SELECT hash(number_key, 'name', name_key) AS tie, unit FROM disputed WHERE name_key IS NOT NULL
UNION ALL
SELECT hash(number_key, 'birth', birth_date) AS tie, unit FROM disputed WHERE birth_date IS NOT NULL;
