-- Encounters of which a presentation without a number tells, and the other feed too. Of several stays with one institution,
-- day and fee it isn't known which was paid for.
-- Reads link_encounter, link_free, link_placed, live_row. Gives link_shared (presentation_id, encounter_key); adds to link_met.

CREATE OR REPLACE TEMP TABLE link_shared AS
WITH told AS (
    FROM link_encounter
    WHERE encounter_key IN (
        SELECT encounter_key FROM link_encounter WHERE presentation_id IN (SELECT presentation_id FROM link_free)
    )
),
standing AS (
    FROM told
    WHERE row_id IN (SELECT row_id FROM live_row) AND presentation_id IN (SELECT presentation_id FROM link_placed)
),
clear AS (
    SELECT encounter_key
    FROM standing
    GROUP BY encounter_key
    HAVING count(*) FILTER (NOT paid) = 1 AND bool_or(paid) AND (NOT bool_or(stay) OR count(*) = 2)
)
SELECT DISTINCT presentation_id, encounter_key FROM standing WHERE encounter_key IN (FROM clear);

INSERT INTO link_met
SELECT DISTINCT unit FROM link_placed WHERE presentation_id IN (SELECT presentation_id FROM link_shared);
