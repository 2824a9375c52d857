-- Decisions between units as they stand now. Reads link_decided, link_current. Gives link_apart (l, r; both ways round)
-- and link_held_together (verdict, l, r).

CREATE OR REPLACE TEMP TABLE link_apart AS
WITH different AS (
    SELECT l.unit AS l, r.unit AS r
    FROM link_decided AS d
    JOIN link_current AS l ON l.presentation_id = d.l
    JOIN link_current AS r ON r.presentation_id = d.r
    WHERE d.verdict = 'different' AND l.unit <> r.unit
)
SELECT DISTINCT l, r FROM (FROM different UNION ALL SELECT r, l FROM different);

CREATE OR REPLACE TEMP TABLE link_held_together AS
SELECT DISTINCT d.verdict, l.unit AS l, r.unit AS r
FROM link_decided AS d
JOIN link_current AS l ON l.presentation_id = d.l
JOIN link_current AS r ON r.presentation_id = d.r
WHERE d.verdict <> 'different' AND l.unit <> r.unit;
