-- Who is looked for, and whom each may be.
-- Reads link_current, link_key_of (key, unit), link_mother, link_apart; $crowd. Gives link_seeker (unit, registered) and link_pair
-- (a: the seeker, b).

CREATE OR REPLACE TEMP TABLE link_seeker AS
SELECT unit, bool_or(registered) AS registered FROM link_current WHERE held_key IS NULL GROUP BY unit;

CREATE OR REPLACE TEMP TABLE link_pair AS
WITH narrow AS (
    SELECT key FROM link_key_of GROUP BY key HAVING count(*) BETWEEN 2 AND $crowd
),
mother AS (
    SELECT coalesce(r.root, m.unit) AS unit, m.mother_key, m.birth_date
    FROM link_mother AS m LEFT JOIN link_root AS r USING (unit)
)
SELECT l.unit AS a, r.unit AS b
FROM link_key_of AS l JOIN link_key_of AS r USING (key)
WHERE l.key IN (FROM narrow) AND l.unit <> r.unit AND l.unit IN (SELECT unit FROM link_seeker)
UNION
SELECT l.unit, r.unit
FROM mother AS l JOIN mother AS r USING (mother_key, birth_date)
WHERE l.unit <> r.unit AND l.unit IN (SELECT unit FROM link_seeker)
EXCEPT
FROM link_apart;
