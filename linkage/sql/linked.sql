-- The persons: every presentation in scope with its cluster, and how it came there.
-- Reads link_placed, link_unit, link_root; $decided, $encounter (the
-- passes of decisions and of encounters). Gives link_linked and link_cluster.

CREATE OR REPLACE TEMP TABLE link_cluster AS
SELECT
    coalesce(r.root, p.unit) AS cluster,
    min(p.presentation_id) AS seed,
    bool_or(p.registered) AS known
FROM link_placed AS p LEFT JOIN link_root AS r USING (unit)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE link_linked AS
WITH joined AS (
    SELECT r.unit, r.root, r.pass, r.probability, u.registered FROM link_root AS r JOIN link_unit AS u USING (unit)
)
SELECT
    p.presentation_id,
    p.own_key,
    p.held_key IS NULL AS free,
    c.cluster,
    c.known,
    CASE
        WHEN coalesce(j.registered, c.known) THEN 'authority'
        WHEN j.pass = $decided THEN 'review'
        WHEN c.known AND j.pass = $encounter THEN 'event'
        WHEN c.known THEN 'model'
        ELSE 'new'
    END AS tier,
    CASE WHEN coalesce(j.registered, true) THEN 1.0 ELSE j.probability END::DOUBLE AS probability
FROM link_placed AS p
LEFT JOIN joined AS j ON j.unit = p.unit
JOIN link_cluster AS c ON c.cluster = coalesce(j.root, p.unit);
