-- Ids that nobody has any longer. Reads link_state, link_linked, link_leaving, link_label_of. Gives link_retired.

CREATE OR REPLACE TEMP TABLE link_retired AS
WITH let_go AS (
    SELECT DISTINCT s.registry_id
    FROM link_state AS s
    WHERE s.presentation_id IN (SELECT presentation_id FROM link_delta)
    EXCEPT
    SELECT registry_id FROM link_label_of
)
-- An id that others have too, outside of what was linked anew, goes on.
SELECT registry_id FROM let_go
EXCEPT
SELECT registry_id FROM link_state
WHERE registry_id IN (SELECT registry_id FROM let_go)
  AND presentation_id NOT IN (SELECT presentation_id FROM link_linked UNION ALL FROM link_leaving);
