-- Of ties whose units bear several labels, every unit takes the smallest.
-- Reads link_tie, link_label. Gives link_spread: the labels that change.

CREATE OR REPLACE TEMP TABLE link_spread AS
WITH open_tie AS (
    SELECT tie, min(label) AS label
    FROM link_tie JOIN link_label USING (unit)
    GROUP BY tie
    HAVING min(label) <> max(label)
),
least AS (
    SELECT unit, min(label) AS label FROM link_tie JOIN open_tie USING (tie) GROUP BY unit
)
SELECT unit, n.label FROM least AS n JOIN link_label AS l USING (unit) WHERE n.label < l.label;
