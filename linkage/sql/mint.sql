-- New ids for the clusters that have none, and the change from the last version to this one.
-- Reads link_linked, link_cluster, link_named, link_state, link_issued, link_leaving; $secret (32 bytes: with a message of one length its digest, cut in half, is a keyed random function).
-- Gives link_minted, link_label_of (cluster, registry_id) and link_delta.

CREATE OR REPLACE TEMP TABLE link_minted AS
WITH nameless AS (
    SELECT cluster, seed FROM link_cluster WHERE cluster NOT IN (SELECT cluster FROM link_named)
),
used AS (
    SELECT seed, max(nonce) AS nonce
    FROM link_issued
    WHERE seed IN (SELECT seed FROM nameless)
    GROUP BY seed
),
numbered AS (
    SELECT cluster, seed, coalesce(u.nonce + 1, 0)::INTEGER AS nonce FROM nameless LEFT JOIN used AS u USING (seed)
)
SELECT
    cluster,
    seed,
    nonce,
    substr(sha256($secret || encode('registry ' || seed || ' ' || nonce)), 1, 32)::UUID AS registry_id
FROM numbered;

CREATE OR REPLACE TEMP TABLE link_label_of AS
FROM link_named UNION ALL SELECT cluster, registry_id FROM link_minted;

CREATE OR REPLACE TEMP TABLE link_delta AS
SELECT l.presentation_id, n.registry_id, l.tier, l.probability, l.free
FROM link_linked AS l
JOIN link_label_of AS n USING (cluster)
LEFT JOIN link_state AS s USING (presentation_id)
WHERE s.registry_id IS NULL
   OR s.registry_id <> n.registry_id
   OR s.tier <> l.tier
   OR s.probability <> l.probability
   OR s.free <> l.free
UNION ALL
SELECT presentation_id, NULL, NULL, NULL, NULL FROM link_leaving;
