-- Each entry of the register without a number, and the known person that it most probably is.
-- Reads link_weighed, link_seeker, link_kept; $accept, $keep. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH best AS (
    SELECT a, max_by(b, probability) AS b, max(probability) AS probability
    FROM link_weighed
    WHERE anchor AND a IN (SELECT unit FROM link_seeker WHERE registered)
    GROUP BY a
),
enough AS (
    SELECT a, b, probability
    FROM best LEFT JOIN link_kept AS k USING (a, b)
    WHERE probability >= CASE WHEN k.a IS NULL THEN $accept ELSE $keep END
)
SELECT hash(a, b) AS tie, unnest([a, b]) AS unit, probability FROM enough;
