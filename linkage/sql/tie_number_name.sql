-- The number of one who holds it validly, under the same name: one person, though sex or birth date was miswritten.
-- Reads link_current. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH free AS (
    SELECT DISTINCT number_key FROM link_current WHERE held_key IS NULL AND number_key IS NOT NULL
),
tied AS (
    SELECT hash(number_key, name_key) AS tie, unit, bool_or(held_key IS NOT NULL) AS holds
    FROM link_current
    WHERE number_key IN (FROM free) AND name_key IS NOT NULL
    GROUP BY ALL
)
SELECT tie, unit, $probability AS probability
FROM tied
WHERE tie IN (SELECT tie FROM tied GROUP BY tie HAVING count(*) > 1 AND bool_or(holds));
