-- Who claims a valid number, under which name and birth date. Where several do, those who agree on name or on birth
-- date are tied: 'registered twice' and 'a name slip' are one person, a guardian's or borrowed number is not.
-- Who was decided to be somebody else than another claimant claims nothing.
-- Reads presentations, link_member, link_disowned (presentation_id); $register. Gives link_claim (of numbers that several claim) and link_tie.

CREATE OR REPLACE TEMP TABLE link_claiming AS
SELECT number_key, name_key, birth_date, feed = $register AS registered
FROM presentations
WHERE id_valid AND number_key IS NOT NULL AND presentation_id IN (FROM link_member)
  AND presentation_id NOT IN (FROM link_disowned);

CREATE OR REPLACE TEMP TABLE link_claim AS
WITH disputed AS (
    SELECT number_key FROM link_claiming
    GROUP BY number_key
    HAVING min(hash(name_key, birth_date)) <> max(hash(name_key, birth_date))
)
SELECT
    number_key, name_key, birth_date,
    hash('claim', number_key, name_key, birth_date) >> 1 AS unit,
    bool_or(registered) AS registered
FROM link_claiming
WHERE number_key IN (FROM disputed)
GROUP BY number_key, name_key, birth_date;

CREATE OR REPLACE TEMP TABLE link_tie AS
SELECT hash(number_key, 'name', name_key) AS tie, unit FROM link_claim WHERE name_key IS NOT NULL
UNION ALL
SELECT hash(number_key, 'birth', birth_date) AS tie, unit FROM link_claim WHERE birth_date IS NOT NULL;
