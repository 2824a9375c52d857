-- The persons whom those without a number may be, with all of their rows; children by their mothers' names too.
-- Reads link_keyed, link_free_row, link_touched, link_reached, link_witness_number. Gives link_witness.

CREATE OR REPLACE TEMP TABLE link_witness AS
WITH wanted AS (
    SELECT DISTINCT birth_date, mother_key
    FROM (
        FROM link_free_row WHERE presentation_id IN (FROM link_reached)
        UNION ALL FROM link_touched
    )
    WHERE mother_key IS NOT NULL
),
child AS (
    SELECT DISTINCT number_key, near_key
    FROM link_keyed
    WHERE near_key IS NOT NULL AND birth_date IN (SELECT birth_date FROM wanted)
),
mother AS (
    SELECT DISTINCT number_key
    FROM link_keyed
    WHERE id_valid AND number_key IN (SELECT near_key FROM child) AND sound_key IN (SELECT mother_key FROM wanted)
),
number AS (
    SELECT number_key FROM link_witness_number
    UNION
    SELECT number_key FROM mother
    UNION
    SELECT number_key FROM child WHERE near_key IN (FROM mother) AND number_key IS NOT NULL
)
SELECT DISTINCT * FROM link_keyed WHERE number_key IN (FROM number);
