-- Live records by feed, city, age and by how they came to their person.
-- Reads presented, live_row, link_sighted, link_state; $day, $register. Gives link_record_count (feed, city_code, age,
-- manner: NULL where a valid number of one's own says who it is, attached: to a person of the register, records).

CREATE OR REPLACE TEMP TABLE link_record AS
SELECT presentation_id, count(*) AS records
FROM presented
WHERE row_id IN (SELECT row_id FROM live_row)
GROUP BY presentation_id;

CREATE OR REPLACE TEMP TABLE link_record_count AS
WITH known AS (
    SELECT DISTINCT registry_id
    FROM link_state
    WHERE presentation_id IN (SELECT presentation_id FROM link_sighted WHERE feed = $register)
),
held AS (
    SELECT DISTINCT p.number_key
    FROM link_sighted AS p JOIN link_state AS s USING (presentation_id)
    WHERE p.id_valid AND NOT s.free
),
born AS (
    SELECT s.registry_id, min(p.birth_date) FILTER (p.feed = $register) AS listed, min(p.birth_date) AS said
    FROM link_state AS s JOIN link_sighted AS p USING (presentation_id)
    WHERE p.birth_date IS NOT NULL
    GROUP BY ALL
),
presentation AS (
    SELECT DISTINCT
        s.presentation_id, p.feed, p.city_code, s.registry_id,
        CASE
            WHEN NOT s.free THEN NULL
            WHEN p.number_key IS NULL THEN 'none'
            WHEN p.number_key IN (FROM held) THEN 'another''s'
            ELSE 'slip'
        END AS manner,
        s.registry_id IN (FROM known) AS attached
    FROM link_state AS s JOIN link_sighted AS p USING (presentation_id)
)
SELECT
    p.feed,
    p.city_code,
    CASE
        WHEN coalesce(b.listed, b.said) IS NULL THEN ''
        WHEN date_diff('day', coalesce(b.listed, b.said), $day::DATE) < 365 THEN '0'
        WHEN date_diff('day', coalesce(b.listed, b.said), $day::DATE) < 7 * 365.25 THEN '1-6'
        WHEN date_diff('day', coalesce(b.listed, b.said), $day::DATE) < 18 * 365.25 THEN '7-17'
        WHEN date_diff('day', coalesce(b.listed, b.said), $day::DATE) < 65 * 365.25 THEN '18-64'
        ELSE '65+'
    END AS age,
    p.manner,
    p.attached,
    sum(r.records)::BIGINT AS records
FROM presentation AS p
JOIN link_record AS r USING (presentation_id)
LEFT JOIN born AS b USING (registry_id)
GROUP BY ALL;

-- Records under an institution's number with two valid numbers: the fewer are another's, shown with all of that identity.
CREATE OR REPLACE TEMP TABLE link_posing AS
WITH said AS (
    SELECT p.feed, p.own_key, p.number_key, sum(p.records) AS n
    FROM (
        SELECT DISTINCT p.presentation_id, p.feed, p.own_key, p.number_key, r.records
        FROM link_state AS s JOIN link_sighted AS p USING (presentation_id) JOIN link_record AS r USING (presentation_id)
        WHERE NOT s.free AND p.own_key IS NOT NULL AND p.feed <> $register
    ) AS p
    GROUP BY ALL
),
institution AS (
    SELECT feed, own_key, sum(n) AS n, max(n) AS most FROM said GROUP BY ALL
)
SELECT feed, sum(n - most)::BIGINT AS posing, sum(n)::BIGINT AS seen FROM institution WHERE n > 1 GROUP BY feed;
