-- Where two of a group speak against each other, nothing joins it: a chain of resemblances is no evidence.
-- Reads link_tie, link_label, link_weighed. Renews link_tie; gives link_contradicted (a, b: the pairs that would have been
-- joined).

CREATE OR REPLACE TEMP TABLE link_contradictory AS
SELECT DISTINCT l.label
FROM link_weighed AS w JOIN link_label AS l ON l.unit = w.a JOIN link_label AS r ON r.unit = w.b
WHERE l.label = r.label AND w.probability < 0.01;

CREATE OR REPLACE TEMP TABLE link_contradicted AS
SELECT min(unit) AS a, max(unit) AS b
FROM link_tie
WHERE unit IN (SELECT unit FROM link_label WHERE label IN (FROM link_contradictory))
GROUP BY tie;

CREATE OR REPLACE TEMP TABLE link_tie AS
SELECT t.* FROM link_tie AS t JOIN link_label AS l USING (unit) WHERE l.label NOT IN (FROM link_contradictory);
