-- The presentations to link again: the changed ones, and all live ones that hang together with them.
-- Reads link_state, link_reached, link_arriving, link_leaving. Gives link_member.

CREATE OR REPLACE TEMP TABLE link_member AS
SELECT presentation_id
FROM link_state
WHERE presentation_id IN (FROM link_reached) AND presentation_id NOT IN (FROM link_leaving)
UNION ALL
FROM link_arriving;
