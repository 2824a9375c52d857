-- The live presentations of the city that has the number nearest to $size, and the pairs of them that share something.
-- Reads presentations, link_state; $size, $crowd. Gives link_opinion (n, registry_id and what is compared) and
-- link_opinion_pair (l, r, ours: one person by the registry, and of each comparison whether it agrees: 1, 0, or -1 where it
-- isn't known).

CREATE OR REPLACE TEMP TABLE link_opinion AS
WITH live AS (
    SELECT DISTINCT ON (presentation_id)
        p.presentation_id, s.registry_id, p.city_code, p.name_key, p.sound_key, p.sex_code, p.birth_date, p.number_key,
        p.phone_key, p.address_key
    FROM presentations AS p JOIN link_state AS s USING (presentation_id)
),
city AS (
    SELECT city_code FROM live GROUP BY city_code ORDER BY abs(count(*) - $size), city_code LIMIT 1
)
SELECT row_number() OVER (ORDER BY presentation_id) AS n, * EXCLUDE (presentation_id, city_code)
FROM live
WHERE city_code = (FROM city)
QUALIFY n <= 2 * $size;

CREATE OR REPLACE TEMP TABLE link_opinion_pair AS
WITH key AS (
    SELECT hash('number', number_key) AS key, n FROM link_opinion WHERE number_key IS NOT NULL
    UNION ALL
    SELECT hash('sound', sound_key), n FROM link_opinion WHERE sound_key IS NOT NULL
    UNION ALL
    SELECT hash('phone', phone_key), n FROM link_opinion WHERE phone_key IS NOT NULL
    UNION ALL
    SELECT hash('address', address_key), n FROM link_opinion WHERE address_key IS NOT NULL
    UNION ALL
    SELECT hash('birth', birth_date, sex_code), n FROM link_opinion WHERE birth_date IS NOT NULL AND sex_code IS NOT NULL
),
narrow AS (
    SELECT key FROM key GROUP BY key HAVING count(*) BETWEEN 2 AND $crowd
),
pair AS (
    SELECT DISTINCT l.n AS l, r.n AS r
    FROM key AS l JOIN key AS r USING (key)
    WHERE l.n < r.n AND l.key IN (FROM narrow)
)
SELECT
    p.l, p.r,
    l.registry_id = r.registry_id AS ours,
    coalesce((l.name_key = r.name_key)::TINYINT, -1) AS name,
    coalesce((l.sound_key = r.sound_key)::TINYINT, -1) AS sound,
    coalesce((l.sex_code = r.sex_code)::TINYINT, -1) AS sex,
    coalesce((l.birth_date = r.birth_date)::TINYINT, -1) AS birth,
    coalesce((l.number_key = r.number_key)::TINYINT, -1) AS number,
    coalesce((l.phone_key = r.phone_key)::TINYINT, -1) AS phone,
    coalesce((l.address_key = r.address_key)::TINYINT, -1) AS address
FROM pair AS p JOIN link_opinion AS l ON l.n = p.l JOIN link_opinion AS r ON r.n = p.r;
