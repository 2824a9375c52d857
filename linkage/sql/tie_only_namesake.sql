-- Name, birth date and sex of exactly one registered person, written down in that person's city without a number, or
-- with the number that someone else holds (a guardian, a cardholder). A number that nobody holds is a contradiction.
-- Reads link_namesake, link_root, link_unit. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH current AS (
    SELECT s.* EXCLUDE (held_key) REPLACE (coalesce(r.root, s.unit) AS unit), coalesce(r.held_key, s.held_key) AS held_key
    FROM link_namesake AS s LEFT JOIN link_root AS r USING (unit)
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
    JOIN current AS known ON known.name_birth_key = o.name_birth_key AND known.registered
    JOIN current AS free
        ON free.name_birth_key = o.name_birth_key
        AND free.unit <> o.unit
        AND free.city_code = known.city_code
        AND free.sex_code = known.sex_code
    WHERE free.held_key IS NULL
      AND (free.number_key IS NULL OR free.number_key IN (SELECT held_key FROM link_unit WHERE held_key IS NOT NULL))
)
SELECT hash(unit, holder) AS tie, unit FROM attached
UNION ALL
SELECT hash(unit, holder) AS tie, holder FROM attached;
