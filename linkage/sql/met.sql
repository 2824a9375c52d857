-- All that is known of the units that may still come together: those without a number, and whoever they met.
-- Reads link_placed, link_free, link_met (unit). Gives link_appearance (rows of link_placed), link_unit, link_root
-- (empty) and link_current: each appearance under the unit where it stands now.

CREATE OR REPLACE TEMP TABLE link_appearance AS
FROM link_placed WHERE unit IN (SELECT unit FROM link_met UNION ALL SELECT unit FROM link_free);

CREATE OR REPLACE TEMP TABLE link_unit AS
SELECT unit, any_value(held_key) AS held_key, bool_or(registered) AS registered
FROM link_appearance
GROUP BY unit;

-- Which units have become one: unit → root, the number held there, and the pass that joined them.
CREATE OR REPLACE TEMP TABLE link_root (unit UBIGINT, root UBIGINT, held_key UBIGINT, pass TINYINT, probability DOUBLE);

CREATE OR REPLACE TEMP VIEW link_current AS
SELECT
    p.* EXCLUDE (held_key) REPLACE (coalesce(r.root, p.unit) AS unit),
    coalesce(r.held_key, p.held_key) AS held_key
FROM link_appearance AS p LEFT JOIN link_root AS r USING (unit);
