-- Whose answer hangs on a witness: entries of the register without a number that may belong to one, for they are part of
-- what it is known by; and, where such an entry is looked for, whoever else may be that person.
-- Reads link_key_free, link_key_witness, link_witness, link_witness_number, link_free_row, link_reached. Gives
-- link_hit and adds it to link_reached.

CREATE OR REPLACE TEMP TABLE link_hit AS
WITH listed AS (
    SELECT w.presentation_id
    FROM link_witness AS w
    WHERE w.number_key IN (SELECT number_key FROM link_witness_number WHERE listed)
)
SELECT DISTINCT presentation_id
FROM link_key_free
WHERE presentation_id NOT IN (FROM link_reached)
  AND (
      (
          key IN (SELECT key FROM link_key_witness)
          AND presentation_id IN (SELECT presentation_id FROM link_free_row WHERE registered)
      )
      OR key IN (SELECT key FROM link_key_witness WHERE presentation_id IN (FROM listed))
  );

INSERT INTO link_reached FROM link_hit;
