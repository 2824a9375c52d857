-- Held-out numbers: what one institution wrote of a person, without the number, against all else that is known of the
-- person, of the household's other members, and of strangers.
-- Reads link_placed, presented, household, presentations; $part (one person of so many), $strangers (for each).
-- Gives link_sample_pair (kind, a, b), link_appearance (the units of a and b), link_current, link_text, link_root,
-- link_mother, link_unseen (unseen), link_same_by_chance (name, chance).

CREATE OR REPLACE TEMP TABLE link_sampled AS
SELECT unit
FROM link_placed
WHERE held_key IS NOT NULL
GROUP BY unit
HAVING bool_or(registered) AND hash('sample', unit) % $part = 0;

-- Cleaning doubts a number whose birth date or sex is not the row's: with the holder's name it is a label all the same.
CREATE OR REPLACE TEMP TABLE link_sampled_row AS
WITH held AS (
    FROM link_placed WHERE unit IN (FROM link_sampled)
),
name AS (
    SELECT DISTINCT number_key, name_key, unit FROM held WHERE name_key IS NOT NULL
)
FROM held
UNION ALL
SELECT p.* REPLACE (n.unit AS unit)
FROM link_free AS p JOIN name AS n USING (number_key, name_key)
WHERE NOT p.registered;

-- One presentation of a person at an institution, under a unit of its own; and the rest of the person, but for what that
-- institution wrote besides, under another.
CREATE OR REPLACE TEMP TABLE link_out AS
SELECT
    hash('out', unit, own_key) | (1::UBIGINT << 63) AS a,
    hash('rest', unit, own_key) | (1::UBIGINT << 63) AS b,
    unit, own_key, arg_min(presentation_id, hash(presentation_id)) AS presentation_id
FROM link_sampled_row
WHERE NOT registered AND own_key IS NOT NULL
GROUP BY unit, own_key;

CREATE OR REPLACE TEMP TABLE link_kin AS
WITH member AS (
    SELECT DISTINCT h.household_key, p.unit
    FROM household AS h
    JOIN presented AS r ON r.row_id = h.row_id
    JOIN link_placed AS p ON p.presentation_id = r.presentation_id
    WHERE p.held_key IS NOT NULL AND h.household_key IS NOT NULL
)
SELECT DISTINCT l.unit, r.unit AS kin
FROM member AS l JOIN member AS r USING (household_key)
WHERE l.unit <> r.unit AND l.unit IN (FROM link_sampled);

CREATE OR REPLACE TEMP TABLE link_sample_pair AS
WITH numbered AS (
    SELECT unit, row_number() OVER (ORDER BY hash('order', unit)) - 1 AS n FROM link_sampled
),
drawn AS (
    SELECT a, unit, unnest(range(1, $strangers + 1)) AS nth FROM link_out
),
target AS (
    SELECT a, unit, (hash(a, nth) % (SELECT count(*) FROM link_sampled))::BIGINT AS n FROM drawn
)
SELECT 'match' AS kind, a, b FROM link_out
UNION ALL
SELECT 'kin', o.a, k.kin FROM link_out AS o JOIN link_kin AS k USING (unit)
UNION ALL
SELECT 'chance', t.a, other.unit
FROM target AS t JOIN numbered AS other ON other.n = t.n
WHERE other.unit <> t.unit;

CREATE OR REPLACE TEMP TABLE link_appearance AS
SELECT r.* REPLACE (o.a AS unit, NULL AS held_key, NULL AS number_key, false AS sure)
FROM link_sampled_row AS r JOIN link_out AS o USING (presentation_id)
UNION ALL
SELECT r.* REPLACE (o.b AS unit)
FROM link_sampled_row AS r JOIN link_out AS o USING (unit)
WHERE r.own_key IS DISTINCT FROM o.own_key
UNION ALL
FROM link_placed
WHERE unit IN (SELECT kin FROM link_kin UNION FROM link_sampled);

CREATE OR REPLACE TEMP TABLE link_root (unit UBIGINT, root UBIGINT);
CREATE OR REPLACE TEMP TABLE link_mother (unit UBIGINT, mother_key UBIGINT, birth_date DATE);
CREATE OR REPLACE TEMP VIEW link_current AS FROM link_appearance;

CREATE OR REPLACE TEMP TABLE link_text AS
SELECT DISTINCT presentation_id, name, id_no
FROM presentations
WHERE presentation_id IN (SELECT presentation_id FROM link_appearance);

-- For each person with a valid number on the register, how many with one are not on it.
CREATE OR REPLACE TEMP TABLE link_unseen AS
WITH holder AS (
    SELECT unit, bool_or(registered) AS registered FROM link_placed WHERE held_key IS NOT NULL GROUP BY unit
)
SELECT greatest(count(*) FILTER (NOT registered) / count(*) FILTER (registered), 0.01) AS unseen FROM holder;

CREATE OR REPLACE TEMP TABLE link_same_by_chance AS
WITH value AS (
    SELECT 'birth' AS name, birth_date::VARCHAR AS value, unit FROM link_sampled_row WHERE registered
    UNION ALL
    SELECT 'sex', sex_code, unit FROM link_sampled_row WHERE registered
    UNION ALL
    SELECT 'city', city_code, unit FROM link_sampled_row WHERE registered
),
shared AS (
    SELECT name, value, count(DISTINCT unit) AS n FROM value WHERE value IS NOT NULL GROUP BY ALL
)
SELECT name, sum(n::DOUBLE * (n - 1)) / (sum(n)::DOUBLE * (sum(n) - 1)) AS chance FROM shared GROUP BY name;
