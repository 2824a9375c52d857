-- What stands now for person keys that were published before: the redirects of the last build, the merges since, and
-- where the key was rotated every person's former key. Reads redirect_before (former_key, key_version, person_key),
-- link_heir, link_state, link_key_before, link_key_now; $before, $now (versions of the key).
-- Gives redirect (former_key, key_version, person_key).

CREATE OR REPLACE TEMP TABLE redirect AS
WITH merged AS (
    SELECT
        link_key_before(replace(from_id::VARCHAR, '-', '')) AS former_key,
        link_key_before(replace(to_id::VARCHAR, '-', '')) AS person_key
    FROM link_heir
),
before AS (
    SELECT r.former_key, r.key_version, coalesce(m.person_key, r.person_key) AS person_key
    FROM redirect_before AS r LEFT JOIN merged AS m ON m.former_key = r.person_key
    UNION ALL
    SELECT former_key, $before::SMALLINT, person_key FROM merged
),
rotated AS (
    SELECT
        link_key_before(replace(registry_id::VARCHAR, '-', '')) AS former_key,
        link_key_now(replace(registry_id::VARCHAR, '-', '')) AS person_key
    FROM (SELECT DISTINCT registry_id FROM link_state)
    WHERE $before <> $now
),
now AS (
    SELECT b.former_key, b.key_version, CASE WHEN $before = $now THEN b.person_key ELSE r.person_key END AS person_key
    FROM before AS b LEFT JOIN rotated AS r ON r.former_key = b.person_key
    UNION ALL
    SELECT former_key, $before::SMALLINT, person_key FROM rotated
)
SELECT former_key, key_version, any_value(person_key) AS person_key
FROM now WHERE person_key IS NOT NULL GROUP BY former_key, key_version;
