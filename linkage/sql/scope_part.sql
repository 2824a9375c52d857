-- The presentations to link again: what changed and what hangs on it, as far as it is live. Rows without a number of
-- their own that show a witness's are not part of it: they are linked again only where they were reached themselves.
-- Reads link_state, link_touched, link_reached, link_witness, link_free_row, link_arriving, link_leaving. Gives link_member.

CREATE OR REPLACE TEMP TABLE link_member AS
SELECT presentation_id
FROM link_state
WHERE presentation_id NOT IN (FROM link_leaving)
  AND presentation_id IN (
      SELECT presentation_id FROM link_touched
      UNION ALL FROM link_reached
      UNION ALL
      SELECT presentation_id FROM link_witness
      WHERE presentation_id NOT IN (SELECT presentation_id FROM link_free_row)
  )
UNION ALL
FROM link_arriving;
