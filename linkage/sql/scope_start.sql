-- The keys of the presentations that changed: where the search for what they touch begins.
-- Reads presentations, link_arriving, link_leaving. Gives link_front, link_known and link_reached (empty).

CREATE OR REPLACE TEMP TABLE link_front AS
SELECT DISTINCT key
FROM (
    SELECT unnest([own_key, number_key, name_birth_key, mother_birth_key]) AS key
    FROM presentations
    WHERE presentation_id IN (FROM link_arriving UNION ALL FROM link_leaving)
)
WHERE key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE link_known AS FROM link_front;

CREATE OR REPLACE TEMP TABLE link_reached (presentation_id UUID);
