-- The persons of touched presentations in the former state. Reads link_touched, link_state. Gives link_asked.

CREATE OR REPLACE TEMP TABLE link_asked AS
SELECT DISTINCT registry_id FROM link_state WHERE presentation_id IN (SELECT presentation_id FROM link_touched);
