-- The attached come to their persons. Reads link_attached, link_root, link_unit. Renews link_root.

CREATE OR REPLACE TEMP TABLE link_root AS
WITH attached AS (
    SELECT a.unit, coalesce(r.root, a.root) AS root, coalesce(r.held_key, u.held_key) AS held_key, a.pass, a.probability
    FROM link_attached AS a
    LEFT JOIN link_root AS r ON r.unit = a.root
    JOIN link_unit AS u ON u.unit = a.root
)
SELECT
    r.unit, coalesce(a.root, r.root) AS root, coalesce(a.held_key, r.held_key) AS held_key,
    coalesce(a.pass, r.pass) AS pass, least(a.probability, r.probability) AS probability
FROM link_root AS r LEFT JOIN attached AS a ON a.unit = r.root
UNION ALL
SELECT unit, root, held_key, pass, probability FROM attached WHERE unit NOT IN (SELECT unit FROM link_root);
