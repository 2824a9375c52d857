-- Whose each row is. Reads presented, link_wanted (row_id), link_state. Gives link_found.

CREATE OR REPLACE TEMP TABLE link_found AS
SELECT p.row_id, p.feed, p.presentation_id, p.updated_at, s.registry_id, s.tier, s.probability
FROM presented AS p JOIN link_state AS s USING (presentation_id)
WHERE p.row_id IN (SELECT row_id FROM link_wanted);
