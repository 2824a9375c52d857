-- Seekers who are no known person, but probably one person among themselves.
-- Reads link_weighed, link_seeker, link_kept; $accept, $keep. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH alike AS (
    SELECT least(a, b) AS l, greatest(a, b) AS r, min(probability) AS probability
    FROM link_weighed LEFT JOIN link_kept AS k USING (a, b)
    WHERE NOT anchor AND probability >= CASE WHEN k.a IS NULL THEN $accept ELSE $keep END
      AND a IN (SELECT unit FROM link_seeker) AND b IN (SELECT unit FROM link_seeker)
    GROUP BY ALL
)
SELECT hash(l, r) AS tie, unnest([l, r]) AS unit, probability FROM alike;
