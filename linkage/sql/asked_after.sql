-- The persons of touched presentations in the new state, added to link_asked. Reads link_touched, link_state.

CREATE OR REPLACE TEMP TABLE link_asked AS
SELECT registry_id FROM link_asked
UNION
SELECT registry_id FROM link_state WHERE presentation_id IN (SELECT presentation_id FROM link_touched);
