-- The presentations that a change touches, and the live rows whose person may be another.
-- Reads link_moved (presentations of the new versions), presented, live_row, added_row, removed_row.
-- Gives link_touched (presentation_id) and rekeyed_row (row_id).

CREATE OR REPLACE TEMP TABLE link_touched AS
SELECT presentation_id FROM link_moved
UNION
SELECT presentation_id FROM presented
WHERE row_id IN (SELECT row_id FROM added_row UNION ALL SELECT row_id FROM removed_row);

CREATE OR REPLACE TEMP TABLE rekeyed_row AS
SELECT row_id FROM presented
WHERE (presentation_id IN (SELECT presentation_id FROM link_moved) OR row_id IN (SELECT row_id FROM added_row))
  AND row_id IN (SELECT row_id FROM live_row);
