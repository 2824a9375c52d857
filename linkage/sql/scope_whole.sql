-- Every live presentation.
-- Reads link_state, link_arriving, link_leaving. Gives link_member.

CREATE OR REPLACE TEMP TABLE link_member AS
SELECT presentation_id FROM link_state WHERE presentation_id NOT IN (FROM link_leaving)
UNION ALL
FROM link_arriving;
