-- Groups of tied units become one, unless two of them hold different valid numbers or were decided to be different. In
-- such a group each unit without a number joins the one holder that it is tied to, and stays alone where it is tied to
-- none or several: a bridge between two numbers is no evidence. What was decided to be one ($forced) is one.
-- Reads link_tie, link_label, link_unit, link_root, link_apart (l, r); $pass, $forced. Renews link_root.

CREATE OR REPLACE TEMP TABLE link_side AS
WITH member AS (
    SELECT unit, label, unit AS part FROM link_label
    UNION
    SELECT l.unit, l.label, r.unit AS part FROM link_label AS l JOIN link_root AS r ON r.root = l.unit
)
SELECT m.unit, m.label, any_value(u.held_key) AS held_key, bool_or(u.registered) AS registered
FROM member AS m JOIN link_unit AS u ON u.unit = m.part
GROUP BY m.unit, m.label;

CREATE OR REPLACE TEMP TABLE link_merge AS
WITH torn AS (
    SELECT label FROM link_side WHERE NOT $forced GROUP BY label HAVING count(DISTINCT held_key) > 1
    UNION
    SELECT l.label
    FROM link_apart AS a JOIN link_side AS l ON l.unit = a.l JOIN link_side AS r ON r.unit = a.r AND r.label = l.label
),
strongest AS (
    SELECT unit, max(probability) AS probability FROM link_tie GROUP BY unit
),
whole_group AS (
    SELECT unit, label AS root, registered FROM link_side WHERE label NOT IN (FROM torn)
),
sided AS (
    SELECT t.tie, s.* FROM link_tie AS t JOIN link_side AS s USING (unit) WHERE s.label IN (FROM torn)
),
one_holder AS (
    SELECT free.unit, any_value(holder.unit) AS root, bool_or(free.registered) AS registered
    FROM sided AS free JOIN sided AS holder USING (tie)
    WHERE free.held_key IS NULL AND holder.held_key IS NOT NULL
      AND NOT EXISTS (FROM link_apart AS a WHERE a.l = free.unit AND a.r = holder.unit)
    GROUP BY free.unit
    HAVING count(DISTINCT holder.unit) = 1
),
joined_holder AS (
    SELECT unit, unit AS root, registered FROM link_side WHERE unit IN (SELECT root FROM one_holder)
)
SELECT m.unit, m.root, m.registered, s.probability
FROM (FROM whole_group UNION ALL FROM one_holder UNION ALL FROM joined_holder) AS m
JOIN strongest AS s USING (unit);

-- A unit keeps the pass by which it came to a registered person, and is no surer of it than the weakest tie on its way.
CREATE OR REPLACE TEMP TABLE link_root AS
WITH held AS (
    SELECT m.root, min(s.held_key) AS held_key FROM link_merge AS m JOIN link_side AS s USING (unit) GROUP BY m.root
),
merged AS (
    SELECT m.*, h.held_key FROM link_merge AS m JOIN held AS h USING (root)
)
SELECT
    r.unit,
    coalesce(m.root, r.root) AS root,
    coalesce(m.held_key, r.held_key) AS held_key,
    CASE WHEN m.root IS NULL OR m.registered THEN r.pass ELSE $pass END::TINYINT AS pass,
    CASE WHEN m.root IS NULL OR m.registered THEN r.probability ELSE least(r.probability, m.probability) END AS probability
FROM link_root AS r LEFT JOIN merged AS m ON m.unit = r.root
UNION ALL
SELECT unit, root, held_key, $pass::TINYINT AS pass, probability FROM merged WHERE unit NOT IN (SELECT unit FROM link_root);
