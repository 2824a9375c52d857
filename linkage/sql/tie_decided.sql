-- What was decided to be one person. Reads link_held_together. Gives link_tie.

CREATE OR REPLACE TEMP TABLE link_tie AS
SELECT hash('decided', l, r) AS tie, unnest([l, r]) AS unit, 1.0 AS probability
FROM link_held_together
WHERE verdict = 'same';
