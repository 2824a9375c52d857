-- The persons: every presentation in scope with its cluster, and how it came there.
-- Reads link_placed, link_unit, link_root; $probabilities (by pass). Gives link_linked and link_cluster.

CREATE OR REPLACE TEMP TABLE link_linked AS
WITH joined AS (
    SELECT u.unit, r.root, u.registered, r.pass FROM link_root AS r JOIN link_unit AS u USING (unit)
),
known_root AS (
    SELECT root, bool_or(registered) AS known FROM joined GROUP BY root
),
judged AS (
    SELECT unit, root AS cluster, registered, known, pass FROM joined JOIN known_root USING (root)
    UNION ALL
    SELECT unit, unit, registered, registered, NULL FROM link_unit WHERE unit NOT IN (SELECT unit FROM link_root)
)
SELECT
    p.presentation_id,
    p.own_key,
    j.cluster,
    j.known,
    CASE WHEN j.registered THEN 'authority' WHEN j.known THEN 'model' ELSE 'new' END AS tier,
    CASE WHEN j.registered OR j.pass IS NULL THEN 1.0 ELSE $probabilities[j.pass] END::DOUBLE AS probability
FROM link_placed AS p JOIN judged AS j USING (unit);

CREATE OR REPLACE TEMP TABLE link_cluster AS
SELECT cluster, min(presentation_id) AS seed, any_value(known) AS known FROM link_linked GROUP BY cluster;
