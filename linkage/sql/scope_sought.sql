-- What is looked for: the keys of rows without a number that were reached, and of those that changed; only those that were
-- not looked for before.
-- Reads link_key_free, link_key_touched, link_reached, link_listed, link_bond, link_keyed, link_told. Gives link_key_new (key, listed:
-- an entry of the register has it), adds it to link_key_sought, and whoever decisions bind or tells of the same encounter
-- to link_witness_number.

CREATE OR REPLACE TEMP TABLE link_key_new AS
SELECT key, bool_or(presentation_id IN (FROM link_listed)) AS listed
FROM (
    FROM link_key_free WHERE presentation_id IN (FROM link_reached)
    UNION ALL
    FROM link_key_touched
)
GROUP BY key
EXCEPT
FROM link_key_sought;

INSERT INTO link_key_sought FROM link_key_new;

INSERT INTO link_witness_number
SELECT DISTINCT p.number_key, s.listed
FROM link_bond AS b
JOIN link_key_new AS s ON s.key = b.key
JOIN link_keyed AS p ON p.own_key = b.own_key
WHERE p.id_valid;

INSERT INTO link_witness_number
SELECT p.number_key, bool_or(s.listed)
FROM link_key_new AS s JOIN link_told AS t USING (key) JOIN link_keyed AS p USING (presentation_id)
WHERE p.id_valid
GROUP BY p.number_key;
