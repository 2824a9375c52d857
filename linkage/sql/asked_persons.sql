-- The live rows of the persons asked for, and their keys. Reads presented, live_row, link_asked, link_state; link_person_key.

CREATE OR REPLACE TEMP TABLE link_asked_row AS
SELECT p.row_id, p.feed, p.presentation_id, p.updated_at, s.registry_id, s.tier
FROM presented AS p
JOIN (SELECT * FROM link_state WHERE registry_id IN (SELECT registry_id FROM link_asked)) AS s USING (presentation_id)
WHERE p.row_id IN (SELECT row_id FROM live_row);

CREATE OR REPLACE TEMP TABLE link_asked_key AS
SELECT registry_id, link_person_key(replace(registry_id::VARCHAR, '-', '')) AS person_key FROM link_asked;
