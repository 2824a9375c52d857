-- Seekers and pairs after a pass: units that have become one are looked for and compared as one.
-- Reads link_root, link_current, link_attached, link_apart. Renews link_seeker and link_pair.

CREATE OR REPLACE TEMP TABLE link_seeker AS
SELECT unit, bool_or(registered) AS registered
FROM link_current
WHERE held_key IS NULL AND unit NOT IN (SELECT unit FROM link_attached)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE link_pair AS
WITH led AS (
    SELECT coalesce(l.root, p.a) AS a, coalesce(r.root, p.b) AS b
    FROM link_pair AS p LEFT JOIN link_root AS l ON l.unit = p.a LEFT JOIN link_root AS r ON r.unit = p.b
)
SELECT a, b FROM led
WHERE a <> b AND a IN (SELECT unit FROM link_seeker) AND b NOT IN (SELECT unit FROM link_attached)
EXCEPT
FROM link_apart;
