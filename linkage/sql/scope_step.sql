-- One step outwards: the keys of all presentations that share a key with the front.
-- Reads presentations, link_front, link_known. Renews both.

CREATE OR REPLACE TEMP TABLE link_front AS
SELECT DISTINCT key
FROM (
    SELECT unnest([own_key, number_key, name_birth_key, mother_birth_key]) AS key
    FROM presentations
    WHERE own_key IN (FROM link_front)
       OR number_key IN (FROM link_front)
       OR name_birth_key IN (FROM link_front)
       OR mother_birth_key IN (FROM link_front)
)
WHERE key IS NOT NULL AND key NOT IN (FROM link_known);

INSERT INTO link_known FROM link_front;
