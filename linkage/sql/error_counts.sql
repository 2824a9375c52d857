-- Live records by feed, city, age and by how they came to their person.
-- Reads presented, live_row, link_sighted, link_state; $day, $register. Gives link_record_count (feed, city_code, age,
-- manner: NULL where a valid number of one's own says who it is, attached: to a person of the register, records) and
-- link_posing (feed, posing, seen).

CREATE OR REPLACE TEMP TABLE link_standing AS
WITH record AS (
    SELECT presentation_id, count(*) AS records
    FROM presented
    WHERE row_id IN (SELECT row_id FROM live_row)
    GROUP BY presentation_id
),
sighted AS (
    SELECT DISTINCT ON (presentation_id) presentation_id, feed, city_code, birth_date, own_key, number_key, id_valid
    FROM link_sighted
)
SELECT s.registry_id, s.free, p.feed, p.city_code, p.birth_date, p.own_key, p.number_key, p.id_valid, r.records
FROM link_state AS s JOIN sighted AS p USING (presentation_id) JOIN record AS r USING (presentation_id);

CREATE OR REPLACE TEMP TABLE link_record_count AS
WITH person AS (
    SELECT
        registry_id,
        bool_or(feed = $register) AS known,
        coalesce(min(birth_date) FILTER (feed = $register), min(birth_date)) AS born
    FROM link_standing
    GROUP BY registry_id
),
held AS (
    SELECT DISTINCT number_key
    FROM link_standing
    WHERE id_valid AND NOT free AND number_key IN (SELECT number_key FROM link_standing WHERE free)
)
SELECT
    s.feed,
    s.city_code,
    CASE
        WHEN p.born IS NULL THEN ''
        WHEN date_diff('day', p.born, $day::DATE) < 365 THEN '0'
        WHEN date_diff('day', p.born, $day::DATE) < 7 * 365.25 THEN '1-6'
        WHEN date_diff('day', p.born, $day::DATE) < 18 * 365.25 THEN '7-17'
        WHEN date_diff('day', p.born, $day::DATE) < 65 * 365.25 THEN '18-64'
        ELSE '65+'
    END AS age,
    CASE
        WHEN NOT s.free THEN NULL
        WHEN s.number_key IS NULL THEN 'none'
        WHEN s.number_key IN (FROM held) THEN 'another''s'
        ELSE 'slip'
    END AS manner,
    p.known AS attached,
    sum(s.records)::BIGINT AS records
FROM link_standing AS s JOIN person AS p USING (registry_id)
GROUP BY ALL;

-- Records under an institution's number with two valid numbers: the fewer are another's, shown with all of that identity.
CREATE OR REPLACE TEMP TABLE link_posing AS
WITH said AS (
    FROM link_standing WHERE NOT free AND own_key IS NOT NULL AND feed <> $register
),
institution AS (
    SELECT own_key, any_value(feed) AS feed, sum(records) AS n, min(number_key) <> max(number_key) AS several
    FROM said
    GROUP BY own_key
    HAVING n > 1
),
of_number AS (
    SELECT own_key, number_key, sum(records) AS n
    FROM said
    WHERE own_key IN (SELECT own_key FROM institution WHERE several)
    GROUP BY own_key, number_key
),
most AS (
    SELECT own_key, max(n) AS n FROM of_number GROUP BY own_key
)
SELECT i.feed, sum(i.n - coalesce(m.n, i.n))::BIGINT AS posing, sum(i.n)::BIGINT AS seen
FROM institution AS i LEFT JOIN most AS m USING (own_key)
GROUP BY i.feed;

DROP TABLE link_standing;
