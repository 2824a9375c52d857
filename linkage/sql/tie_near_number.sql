-- Name and birth date of exactly one registered person, whose number differs in two characters at most: a slip of
-- the pen in the number. Numbers are ASCII, so that distances by bytes are distances by characters.
-- Reads link_namesake, link_root, presentations. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH current AS (
    SELECT s.* EXCLUDE (held_key) REPLACE (coalesce(r.root, s.unit) AS unit), coalesce(r.held_key, s.held_key) AS held_key
    FROM link_namesake AS s LEFT JOIN link_root AS r USING (unit)
),
written AS (
    SELECT DISTINCT c.unit, c.registered, c.held_key, c.sex_code, c.name_birth_key, p.id_no
    FROM current AS c
    JOIN (
        SELECT presentation_id, id_no
        FROM presentations
        WHERE presentation_id IN (SELECT presentation_id FROM link_namesake WHERE number_key IS NOT NULL)
    ) AS p USING (presentation_id)
    WHERE c.number_key IS NOT NULL
),
only_registered AS (
    SELECT name_birth_key, min(unit) AS unit
    FROM current
    WHERE registered
    GROUP BY name_birth_key
    HAVING min(unit) = max(unit)
),
attached AS (
    SELECT DISTINCT free.unit AS unit, o.unit AS holder
    FROM only_registered AS o
    JOIN written AS held
        ON held.name_birth_key = o.name_birth_key AND held.unit = o.unit AND held.held_key IS NOT NULL
    JOIN written AS free
        ON free.name_birth_key = o.name_birth_key AND free.unit <> o.unit AND free.held_key IS NULL
    WHERE length(held.id_no) = length(free.id_no)
      AND hamming(held.id_no, free.id_no) <= 2
      AND held.sex_code IS NOT DISTINCT FROM coalesce(free.sex_code, held.sex_code)
)
SELECT hash(unit, holder) AS tie, unit FROM attached
UNION ALL
SELECT hash(unit, holder) AS tie, holder FROM attached;
