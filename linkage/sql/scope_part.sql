-- The presentations to link again: the changed ones, and all that hang together with them.
-- Reads presentations, link_state, link_known, link_arriving, link_leaving. Gives link_member.

CREATE OR REPLACE TEMP TABLE link_member AS
WITH reached AS (
    SELECT DISTINCT presentation_id
    FROM presentations
    WHERE own_key IN (FROM link_known)
       OR number_key IN (FROM link_known)
       OR name_birth_key IN (FROM link_known)
       OR mother_birth_key IN (FROM link_known)
)
SELECT presentation_id
FROM link_state
WHERE presentation_id IN (FROM reached) AND presentation_id NOT IN (FROM link_leaving)
UNION ALL
FROM link_arriving;
