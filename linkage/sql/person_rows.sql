-- Whose each row is. Reads presented, link_wanted (row_id), link_state; link_person_key. Gives person_of_row.

CREATE OR REPLACE TEMP TABLE link_found AS
SELECT p.row_id, p.feed, p.presentation_id, p.updated_at, s.registry_id, s.tier, s.probability
FROM presented AS p JOIN link_state AS s USING (presentation_id)
WHERE p.row_id IN (SELECT row_id FROM link_wanted);

CREATE OR REPLACE TEMP TABLE link_key_of AS
SELECT registry_id, link_person_key(replace(registry_id::VARCHAR, '-', '')) AS person_key
FROM (SELECT DISTINCT registry_id FROM link_found);

CREATE OR REPLACE TEMP VIEW person_of_row AS
SELECT f.row_id, f.feed, k.person_key, f.tier, f.probability FROM link_found AS f JOIN link_key_of AS k USING (registry_id);
