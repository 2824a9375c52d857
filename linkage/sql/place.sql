-- Presentations grouped into units by the valid number that they hold; the others are units of their own.
-- Where the register knows the holder of a number, whoever agrees with no holder does not hold it: the number is
-- evidence of someone near (guardian, cardholder), and no longer keeps the unit from being someone else.
-- Reads link_node, link_claim, link_label. Gives link_placed, link_unit, link_root (empty) and link_current.

CREATE OR REPLACE TEMP TABLE link_claim AS
WITH grouped AS (
    SELECT c.* REPLACE (coalesce(l.label, c.unit) AS unit)
    FROM link_claim AS c LEFT JOIN link_label AS l USING (unit)
),
holders AS (
    SELECT number_key, unit, bool_or(registered) AS registered FROM grouped GROUP BY number_key, unit
),
judged AS (
    SELECT
        unit,
        bool_or(registered) OVER (PARTITION BY number_key) AND NOT registered AS borrowed
    FROM holders
    WHERE number_key IN (SELECT number_key FROM holders GROUP BY number_key HAVING count(*) > 1)
)
SELECT g.number_key, g.name_key, g.birth_date, g.unit, coalesce(j.borrowed, false) AS borrowed
FROM grouped AS g LEFT JOIN judged AS j USING (unit);

CREATE OR REPLACE TEMP TABLE link_placed AS
SELECT
    n.* EXCLUDE (n, claims),
    coalesce(c.unit, n.n) AS unit,
    CASE WHEN NOT c.borrowed THEN n.number_key END AS held_key
FROM link_node AS n
LEFT JOIN link_claim AS c
    ON n.claims
    AND n.number_key = c.number_key
    AND n.name_key IS NOT DISTINCT FROM c.name_key
    AND n.birth_date IS NOT DISTINCT FROM c.birth_date;

CREATE OR REPLACE TEMP TABLE link_unit AS
SELECT unit, any_value(held_key) AS held_key, bool_or(registered) AS registered
FROM link_placed
GROUP BY unit;

-- Which units have become one: unit → root, the number held there, and the pass that joined them. Reading
-- link_current gives each presentation under the unit where it stands now.
CREATE OR REPLACE TEMP TABLE link_root (unit INTEGER, root INTEGER, held_key UBIGINT, pass TINYINT);

CREATE OR REPLACE TEMP VIEW link_current AS
SELECT
    p.* EXCLUDE (held_key) REPLACE (coalesce(r.root, p.unit) AS unit),
    coalesce(r.held_key, p.held_key) AS held_key
FROM link_placed AS p LEFT JOIN link_root AS r USING (unit);
