-- Who was whose before: by what earlier versions kept, and by all of the last one where its model was another ($changed).
-- Reads link_held_together, link_current, link_seeker, link_state. Gives link_kept (a: a seeker, b).

CREATE OR REPLACE TEMP TABLE link_kept AS
WITH former AS (
    SELECT DISTINCT c.unit, s.registry_id
    FROM link_current AS c JOIN link_state AS s USING (presentation_id)
    WHERE $changed
),
together AS (
    SELECT l.unit AS a, r.unit AS b FROM former AS l JOIN former AS r USING (registry_id) WHERE l.unit <> r.unit
    UNION ALL
    SELECT l, r FROM link_held_together WHERE verdict = 'kept'
    UNION ALL
    SELECT r, l FROM link_held_together WHERE verdict = 'kept'
)
SELECT DISTINCT a, b FROM together WHERE a IN (SELECT unit FROM link_seeker);
