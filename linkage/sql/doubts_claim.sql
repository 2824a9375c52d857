-- What is wrong on the face of it: a valid number that several on the register claim, agreeing on neither name nor birth
-- date; an institution's number under which two valid numbers stand.
-- Reads link_claim, link_placed. Adds to link_doubt.

INSERT INTO link_doubt BY NAME
WITH claimant AS (
    SELECT p.number_key, p.unit, min(p.presentation_id) AS presentation_id
    FROM link_placed AS p
    WHERE p.held_key IN (SELECT number_key FROM link_claim) AND p.registered
    GROUP BY ALL
)
SELECT 'one number, two persons' AS kind, min(presentation_id) AS l, max(presentation_id) AS r
FROM claimant GROUP BY number_key HAVING count(*) > 1;

INSERT INTO link_doubt BY NAME
WITH two_numbers AS (
    SELECT own_key
    FROM link_placed
    WHERE NOT registered AND held_key IS NOT NULL AND own_key IS NOT NULL
    GROUP BY own_key
    HAVING min(held_key) <> max(held_key)
)
SELECT
    'one patient number, two persons' AS kind,
    arg_min(presentation_id, (held_key, presentation_id)) AS l,
    arg_max(presentation_id, (held_key, presentation_id)) AS r
FROM link_placed
WHERE NOT registered AND held_key IS NOT NULL AND own_key IN (FROM two_numbers)
GROUP BY own_key;
