-- The names and numbers, as texts, of the units that are compared. Reads link_pair, link_current, presentations.
-- Gives link_text (presentation_id, name, id_no).

CREATE OR REPLACE TEMP TABLE link_text AS
SELECT DISTINCT presentation_id, name, id_no
FROM presentations
WHERE presentation_id IN (
    SELECT presentation_id FROM link_current
    WHERE unit IN (SELECT a FROM link_pair UNION ALL SELECT b FROM link_pair)
);
