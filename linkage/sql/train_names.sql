-- How frequent characters are in surnames and given names of the register, and how often kin share a surname.
-- Reads link_placed, link_text, link_kin, presentations; $compound. Gives link_character_share (part, character, share)
-- and link_kin_surname (shared).

CREATE OR REPLACE TEMP TABLE link_registered_name AS
WITH written AS (
    SELECT unit, min(presentation_id) AS presentation_id FROM link_placed WHERE registered AND name_key IS NOT NULL GROUP BY unit
)
SELECT DISTINCT
    w.unit, p.name,
    CASE WHEN length(p.name) > 2 AND list_contains($compound, p.name[1:2]) THEN 2 ELSE 1 END AS surname
FROM written AS w JOIN presentations AS p USING (presentation_id)
WHERE length(p.name) BETWEEN 2 AND 4 AND regexp_full_match(p.name, '[\x{3400}-\x{9FFF}]+');

CREATE OR REPLACE TEMP TABLE link_character_share AS
WITH character AS (
    SELECT 'surname' AS part, name[1] AS character FROM link_registered_name
    UNION ALL
    SELECT 'given', unnest(string_split(name[surname + 1:], '')) FROM link_registered_name
)
SELECT part, character, count(*) / sum(count(*)) OVER (PARTITION BY part) AS share
FROM character
WHERE character <> ''
GROUP BY part, character
-- A character that few bear is as rare as any: and it would point at them.
HAVING count(*) >= 10;

CREATE OR REPLACE TEMP TABLE link_kin_surname AS
SELECT l.name[:l.surname] = r.name[:r.surname] AS shared
FROM link_kin AS k
JOIN link_registered_name AS l ON l.unit = k.unit
JOIN link_registered_name AS r ON r.unit = k.kin;
