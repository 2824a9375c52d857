-- Entries of the register without a number that may belong to a witness: they are part of what it is known by.
-- Reads link_key_free, link_key_witness, link_free_row, link_reached; $register. Gives link_hit and adds it to
-- link_reached.

CREATE OR REPLACE TEMP TABLE link_hit AS
SELECT DISTINCT presentation_id
FROM link_key_free
WHERE key IN (SELECT key FROM link_key_witness)
  AND presentation_id IN (SELECT presentation_id FROM link_free_row WHERE feed = $register)
  AND presentation_id NOT IN (FROM link_reached);

INSERT INTO link_reached FROM link_hit;
