-- Presentations to hold out: a share of those with a valid number of their own, in three manners.
-- Reads link_sighted, link_state; $part (one of so many), $fold, $register. Gives link_held_out (presentation_id, number:
-- the true key, feed, registered, manner, id_no, number_key), and link_state and link_arriving as if these had just come.

CREATE OR REPLACE TEMP TABLE link_held_out AS
WITH drawn AS (
    SELECT presentation_id, registry_id
    FROM link_state
    WHERE NOT free AND hash('out', presentation_id, $fold) % $part = 0
),
registered AS (
    SELECT DISTINCT registry_id
    FROM link_state
    WHERE registry_id IN (SELECT registry_id FROM drawn)
      AND presentation_id IN (SELECT presentation_id FROM link_sighted WHERE feed = $register)
      AND presentation_id NOT IN (SELECT presentation_id FROM drawn)
),
mother AS (
    SELECT s.registry_id, min(p.near_key) AS near_key
    FROM link_sighted AS p JOIN link_state AS s USING (presentation_id)
    WHERE p.near_key IS NOT NULL AND s.registry_id IN (SELECT registry_id FROM drawn)
    GROUP BY ALL
),
-- Someone who lives at the same address: whose card may have been borrowed.
home AS (
    SELECT s.registry_id, min(p.address_key) AS address_key
    FROM link_sighted AS p JOIN link_state AS s USING (presentation_id)
    WHERE p.address_key IS NOT NULL AND s.registry_id IN (SELECT registry_id FROM drawn)
    GROUP BY ALL
),
relative AS (
    SELECT h.registry_id, min(p.number_key) AS number_key
    FROM home AS h
    JOIN link_sighted AS p USING (address_key)
    JOIN link_state AS s USING (presentation_id)
    WHERE p.id_valid AND NOT s.free AND s.registry_id <> h.registry_id
    GROUP BY ALL
),
known AS (
    SELECT DISTINCT
        p.presentation_id, p.number_key AS number, p.feed, p.id_no, p.near_key AS own_near,
        d.registry_id IN (FROM registered) AS registered,
        m.near_key,
        r.number_key AS relative_key,
        (hash('manner', p.presentation_id) % 100)::INTEGER AS lot
    FROM drawn AS d
    JOIN link_sighted AS p USING (presentation_id)
    LEFT JOIN mother AS m USING (registry_id)
    LEFT JOIN relative AS r USING (registry_id)
),
manners AS (
    SELECT
        *,
        CASE
            WHEN feed <> $register AND lot < 8 AND length(id_no) = 18 THEN 'slip'
            WHEN feed <> $register AND lot < 32 AND near_key IS NOT NULL AND own_near IS NULL THEN 'another''s'
            WHEN feed <> $register AND lot < 24 AND relative_key IS NOT NULL THEN 'another''s'
            ELSE 'none'
        END AS manner
    FROM known
),
miswritten AS (
    SELECT
        * EXCLUDE (id_no),
        CASE WHEN manner = 'slip' THEN concat(
            id_no[:6 + lot], (try_cast(id_no[7 + lot] AS INTEGER) + 1 + lot % 9) % 10, id_no[8 + lot:]
        ) END AS id_no
    FROM manners
)
SELECT
    presentation_id, number, feed, registered, manner, id_no,
    CASE manner WHEN 'slip' THEN link_number_key(id_no) WHEN 'another''s' THEN coalesce(near_key, relative_key) END AS number_key
FROM miswritten;

CREATE OR REPLACE TEMP TABLE link_rest AS
FROM link_state WHERE presentation_id NOT IN (SELECT presentation_id FROM link_held_out);

CREATE OR REPLACE TEMP VIEW link_state AS FROM link_rest;

CREATE OR REPLACE TEMP TABLE link_arriving AS SELECT presentation_id FROM link_held_out;

CREATE OR REPLACE TEMP TABLE link_leaving (presentation_id UUID);

CREATE OR REPLACE TEMP TABLE link_moved (presentation_id UUID);

CREATE OR REPLACE TEMP TABLE link_redecided (own_key UBIGINT);
