-- Which presentations came to life or died since the last version.
-- Reads presented, live_row, added_row, removed_row, link_state. Gives link_arriving and link_leaving.

CREATE OR REPLACE TEMP TABLE link_arriving AS
SELECT DISTINCT presentation_id
FROM presented
WHERE row_id IN (SELECT row_id FROM added_row)
  AND presentation_id NOT IN (SELECT presentation_id FROM link_state);

CREATE OR REPLACE TEMP TABLE link_leaving AS
WITH touched AS (
    SELECT DISTINCT presentation_id FROM presented WHERE row_id IN (SELECT row_id FROM removed_row)
),
still_there AS (
    SELECT DISTINCT presentation_id
    FROM presented
    WHERE presentation_id IN (SELECT presentation_id FROM touched)
      AND row_id IN (SELECT row_id FROM live_row)
)
SELECT presentation_id
FROM link_state
WHERE presentation_id IN (SELECT presentation_id FROM touched)
  AND presentation_id NOT IN (SELECT presentation_id FROM still_there);
