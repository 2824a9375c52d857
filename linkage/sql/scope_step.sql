-- One step outwards: the presentations that share a key with the front, and the keys that they add.
-- Reads presentations, link_front, link_known, link_reached. Renews all three.

CREATE OR REPLACE TEMP TABLE link_hit AS
SELECT presentation_id, [own_key, number_key, name_birth_key, mother_birth_key] AS keys
FROM presentations
WHERE own_key IN (FROM link_front)
   OR number_key IN (FROM link_front)
   OR name_birth_key IN (FROM link_front)
   OR mother_birth_key IN (FROM link_front);

INSERT INTO link_reached SELECT presentation_id FROM link_hit;

CREATE OR REPLACE TEMP TABLE link_front AS
SELECT DISTINCT key
FROM (SELECT unnest(keys) AS key FROM link_hit)
WHERE key IS NOT NULL AND key NOT IN (FROM link_known);

INSERT INTO link_known FROM link_front;
