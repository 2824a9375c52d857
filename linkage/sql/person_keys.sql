-- Under which pseudonym each row's person is told. Reads link_found; link_person_key. Gives link_key_of, person_of_row.

CREATE OR REPLACE TEMP TABLE link_key_of AS
SELECT registry_id, link_person_key(replace(registry_id::VARCHAR, '-', '')) AS person_key
FROM (SELECT DISTINCT registry_id FROM link_found);

CREATE OR REPLACE TEMP VIEW person_of_row AS
SELECT f.row_id, f.feed, k.person_key, f.tier, f.probability FROM link_found AS f JOIN link_key_of AS k USING (registry_id);
