-- What is looked for: the keys of rows without a number that were reached, and of those that changed.
-- Reads link_key_free, link_key_touched, link_reached, link_listed, link_bond, presentations. Gives link_key_sought (key,
-- listed: an entry of the register has it) and link_witness_number (number_key, listed) of what decisions bind.

CREATE OR REPLACE TEMP TABLE link_key_sought AS
SELECT key, bool_or(presentation_id IN (FROM link_listed)) AS listed
FROM (
    FROM link_key_free WHERE presentation_id IN (FROM link_reached)
    UNION ALL
    FROM link_key_touched
)
GROUP BY key;

CREATE OR REPLACE TEMP TABLE link_witness_number AS
SELECT DISTINCT p.number_key, s.listed
FROM link_bond AS b
JOIN link_key_sought AS s ON s.key = b.key
JOIN presentations AS p ON p.own_key = b.own_key
WHERE p.id_valid;
