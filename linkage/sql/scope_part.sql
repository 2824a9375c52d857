-- The presentations to link again: what changed and what hangs on it, as far as it is live.
-- Reads link_state, link_touched, link_reached, link_witness, link_arriving, link_leaving. Gives link_member.

CREATE OR REPLACE TEMP TABLE link_member AS
SELECT presentation_id
FROM link_state
WHERE presentation_id NOT IN (FROM link_leaving)
  AND presentation_id IN (
      SELECT presentation_id FROM link_touched
      UNION ALL FROM link_reached
      UNION ALL SELECT presentation_id FROM link_witness
  )
UNION ALL
FROM link_arriving;
