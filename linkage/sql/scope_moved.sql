-- Presentations that tell of an encounter in a row that came or went, though they themselves may have been there before.
-- Reads link_encounter, added_row, removed_row. Gives link_moved (presentation_id).

CREATE OR REPLACE TEMP TABLE link_moved AS
SELECT DISTINCT presentation_id
FROM link_encounter
WHERE row_id IN (SELECT row_id FROM added_row UNION ALL SELECT row_id FROM removed_row);
