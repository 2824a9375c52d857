-- Where the search for what a change touches begins: the rows that came and went, and all that share a number with them.
-- What was decided anew counts as changed.
-- Reads link_keyed, link_arriving, link_leaving, link_moved, link_encounter, link_redecided (own_key), link_decision, link_state. Gives
-- link_touched (rows of link_keyed),
-- link_free_row (the live rows without a number of their own), link_child (presentation_id, mother_key, birth_date),
-- link_bond (own_key, key: what a decision binds), link_listed (presentation_id: entries of the register without a number)
-- link_told (presentation_id, key: the encounters that it told of)
-- and, empty, link_reached, link_key_sought and link_witness_number.

CREATE OR REPLACE TEMP TABLE link_touched AS
WITH changed AS (
    FROM link_keyed
    WHERE presentation_id IN (FROM link_arriving UNION ALL FROM link_leaving UNION ALL FROM link_moved)
       OR own_key IN (FROM link_redecided)
),
number AS (
    SELECT number_key FROM changed WHERE number_key IS NOT NULL
    UNION
    SELECT near_key FROM changed WHERE near_key IS NOT NULL
)
SELECT DISTINCT *
FROM (
    FROM changed
    UNION ALL
    FROM link_keyed
    WHERE number_key IN (FROM number) OR near_key IN (SELECT number_key FROM changed WHERE id_valid)
);

CREATE OR REPLACE TEMP TABLE link_free_row AS
SELECT DISTINCT *
FROM link_keyed
WHERE presentation_id IN (SELECT presentation_id FROM link_state WHERE free UNION ALL FROM link_arriving)
  AND presentation_id NOT IN (FROM link_leaving);

-- Whose child one is, by the name of the holder of the mother's number.
CREATE OR REPLACE TEMP TABLE link_child AS
WITH child AS (
    SELECT presentation_id, near_key, birth_date
    FROM (FROM link_touched UNION ALL FROM link_free_row)
    WHERE near_key IS NOT NULL AND birth_date IS NOT NULL
)
SELECT DISTINCT c.presentation_id, m.sound_key AS mother_key, c.birth_date
FROM child AS c JOIN link_keyed AS m ON m.number_key = c.near_key
WHERE m.id_valid AND m.sound_key IS NOT NULL AND m.number_key IN (SELECT near_key FROM child);

CREATE OR REPLACE TEMP TABLE link_bond AS
SELECT DISTINCT unnest([l_own, r_own]) AS own_key, hash('decision', l_own, r_own) AS key FROM link_decision;

CREATE OR REPLACE TEMP TABLE link_listed AS
SELECT DISTINCT presentation_id
FROM (FROM link_touched UNION ALL FROM link_free_row)
WHERE registered AND NOT id_valid;

-- Of what was told once, though the row has gone: whom it was tied to may part now.
CREATE OR REPLACE TEMP TABLE link_told AS
SELECT DISTINCT presentation_id, hash('encounter', encounter_key) AS key FROM link_encounter;

CREATE OR REPLACE TEMP TABLE link_reached (presentation_id UUID);

CREATE OR REPLACE TEMP TABLE link_key_sought (key UBIGINT, listed BOOLEAN);

CREATE OR REPLACE TEMP TABLE link_witness_number (number_key UBIGINT, listed BOOLEAN);
