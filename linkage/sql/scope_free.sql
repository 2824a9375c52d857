-- One step outwards: the rows without a number that share a key with the front.
-- Reads link_key_free, link_key_front, link_reached. Gives link_hit and adds it to link_reached.

CREATE OR REPLACE TEMP TABLE link_hit AS
SELECT DISTINCT presentation_id
FROM link_key_free
WHERE key IN (SELECT key FROM link_key_front) AND presentation_id NOT IN (FROM link_reached);

INSERT INTO link_reached FROM link_hit;
