-- The open doubts of the registry and their sides: one doubt for two persons, however many of their presentations meet.
-- Reads link_open_doubt, link_state, presentations, presented, live_row, decision (number, verdict, l_own, l, r_own, r).
-- Gives review_doubt (with `decided`, the number of the last decision on the two persons) and review_side.

-- Whoever has become one person is in doubt no longer, but where the doubt is whether one person is two.
CREATE OR REPLACE TEMP TABLE review_between AS
SELECT d.*, l.registry_id AS l_person, r.registry_id AS r_person
FROM link_open_doubt AS d
JOIN link_state AS l ON l.presentation_id = d.l
JOIN link_state AS r ON r.presentation_id = d.r
WHERE l.registry_id <> r.registry_id OR d.kind = 'in two places at once';

-- A decision is on whoever has a presentation that it knows by its handle.
CREATE OR REPLACE TEMP TABLE review_decided AS
WITH known AS (
    SELECT DISTINCT link_handle(p.own_key, p.name_key, p.birth_date) AS handle, s.registry_id
    FROM presentations AS p JOIN link_state AS s USING (presentation_id)
    WHERE p.own_key IN (SELECT l_own FROM decision UNION ALL SELECT r_own FROM decision)
)
SELECT
    least(l.registry_id, r.registry_id) AS one, greatest(l.registry_id, r.registry_id) AS other, max(d.number) AS number
FROM decision AS d JOIN known AS l ON l.handle = d.l JOIN known AS r ON r.handle = d.r
GROUP BY ALL;

-- On two presentations of one person, a decision is on them alone.
CREATE OR REPLACE TEMP TABLE review_decided_within AS
WITH handle AS (
    SELECT DISTINCT presentation_id, link_handle(own_key, name_key, birth_date) AS handle
    FROM presentations
    WHERE presentation_id IN (SELECT unnest([l, r]) FROM review_between WHERE l_person = r_person)
)
SELECT b.l, b.r, max(d.number) AS number
FROM review_between AS b
JOIN handle AS l ON l.presentation_id = b.l
JOIN handle AS r ON r.presentation_id = b.r
JOIN decision AS d ON (d.l = l.handle AND d.r = r.handle) OR (d.l = r.handle AND d.r = l.handle)
WHERE b.l_person = b.r_person
GROUP BY b.l, b.r;

CREATE OR REPLACE TEMP TABLE review_doubt AS
WITH named AS (
    SELECT
        'd' || md5(concat(kind, ' ', least(l::VARCHAR, r::VARCHAR), ' ', greatest(l::VARCHAR, r::VARCHAR)))[:10] AS id,
        least(l_person, r_person) AS one, greatest(l_person, r_person) AS other, *
    FROM review_between
),
foremost AS (
    FROM named
    QUALIFY row_number() OVER (
        PARTITION BY one, other
        ORDER BY CASE kind WHEN 'perhaps known' THEN 1 WHEN 'perhaps one' THEN 2 ELSE 0 END, probability DESC, id, l
    ) = 1
)
SELECT f.*, CASE WHEN one = other THEN w.number ELSE d.number END AS decided
FROM foremost AS f
LEFT JOIN review_decided AS d USING (one, other)
LEFT JOIN review_decided_within AS w USING (l, r)
QUALIFY row_number() OVER (PARTITION BY id ORDER BY one, other) = 1;

-- `records` are the live ones of the person that the presentation is part of now; of itself, where one person may be two.
CREATE OR REPLACE TEMP TABLE review_side AS
WITH side AS (
    SELECT presentation_id, registry_id, bool_and(within) AS within
    FROM (
        SELECT l AS presentation_id, l_person AS registry_id, one = other AS within FROM review_doubt
        UNION ALL
        SELECT r, r_person, one = other FROM review_doubt
    )
    GROUP BY presentation_id, registry_id
),
face AS (
    SELECT
        presentation_id, any_value(feed) AS feed, any_value(city_code) AS city_code,
        coalesce(any_value(own_key), 0) AS own_key, any_value(link_handle(own_key, name_key, birth_date)) AS handle
    FROM presentations
    WHERE presentation_id IN (SELECT presentation_id FROM side)
    GROUP BY presentation_id
),
written AS (
    SELECT s.registry_id, r.row_id
    FROM link_state AS s JOIN presented AS r USING (presentation_id)
    WHERE s.registry_id IN (SELECT registry_id FROM side)
),
counted AS (
    SELECT registry_id, count(*) AS records
    FROM written
    WHERE row_id IN (SELECT row_id FROM live_row)
    GROUP BY registry_id
)
SELECT f.*, CASE WHEN s.within THEN o.records ELSE c.records END AS records
FROM side AS s
JOIN face AS f USING (presentation_id)
JOIN counted AS c USING (registry_id)
LEFT JOIN (
    SELECT presentation_id, count(*) AS records
    FROM presented
    WHERE presentation_id IN (SELECT presentation_id FROM side WHERE within)
      AND row_id IN (SELECT row_id FROM live_row)
    GROUP BY presentation_id
) AS o USING (presentation_id);
