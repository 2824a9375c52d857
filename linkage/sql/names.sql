-- How far the names of each pair agree: every distinct pair of names is worked on once.
-- Reads link_compared_pair, link_shown, link_character, link_frequency (character, surname, given: log2 of how often).
-- Gives link_name_pair (l, r: their hashes, level, chance, kin: log2 of how probable the agreement is between strangers and between kin).

CREATE OR REPLACE TEMP TABLE link_name AS
WITH said AS (
    SELECT DISTINCT name_id, name, length(name) AS size FROM link_shown WHERE name_id IS NOT NULL
),
cut AS (
    SELECT
        name_id,
        name,
        size,
        CASE WHEN size > 2 AND name[1:2] IN (FROM link_compound) THEN 2 WHEN size <= 4 THEN 1 END AS surname,
        -- Longer names are compared as a whole.
        CASE WHEN size <= 4 THEN [name[1], name[2], name[3], name[4]] END AS character
    FROM said
)
SELECT
    n.name_id,
    n.name,
    n.size,
    n.surname,
    nullif(n.character[1], '?') AS c1, nullif(n.character[2], '?') AS c2,
    nullif(n.character[3], '?') AS c3, nullif(n.character[4], '?') AS c4,
    a1.sound AS s1, a2.sound AS s2, a3.sound AS s3, a4.sound AS s4,
    a1.slurred AS u1, a2.slurred AS u2, a3.slurred AS u3, a4.slurred AS u4,
    a1.shape AS h1, a2.shape AS h2, a3.shape AS h3, a4.shape AS h4,
    coalesce(f1.surname, $rare) AS f1,
    CASE WHEN n.surname = 2 THEN -2.0 ELSE coalesce(f2.given, $rare) END AS f2,
    coalesce(f3.given, $rare) AS f3, coalesce(f4.given, $rare) AS f4
FROM cut AS n
LEFT JOIN link_character AS a1 ON a1.character = n.character[1]
LEFT JOIN link_character AS a2 ON a2.character = n.character[2]
LEFT JOIN link_character AS a3 ON a3.character = n.character[3]
LEFT JOIN link_character AS a4 ON a4.character = n.character[4]
LEFT JOIN link_frequency AS f1 ON f1.character = n.character[1]
LEFT JOIN link_frequency AS f2 ON f2.character = n.character[2]
LEFT JOIN link_frequency AS f3 ON f3.character = n.character[3]
LEFT JOIN link_frequency AS f4 ON f4.character = n.character[4];

CREATE OR REPLACE TEMP TABLE link_name_pair AS
WITH pair AS (
    SELECT DISTINCT l.name_id AS l, r.name_id AS r
    FROM link_compared_pair AS p JOIN link_shown AS l ON l.unit = p.a JOIN link_shown AS r ON r.unit = p.b
    WHERE l.name_id IS NOT NULL AND r.name_id IS NOT NULL
),
place AS (
    SELECT
        pair.l, pair.r, l.name AS l_name, r.name AS r_name, l.size AS l_size, r.size AS r_size, least(l.surname, r.surname) AS surname,
        l.f1, l.f2, l.f3, l.f4,
        link_place(l.c1, r.c1, l.s1, r.s1, l.u1, r.u1, l.h1, r.h1, l.size >= 1 AND r.size >= 1) AS p1,
        link_place(l.c2, r.c2, l.s2, r.s2, l.u2, r.u2, l.h2, r.h2, l.size >= 2 AND r.size >= 2) AS p2,
        link_place(l.c3, r.c3, l.s3, r.s3, l.u3, r.u3, l.h3, r.h3, l.size >= 3 AND r.size >= 3) AS p3,
        link_place(l.c4, r.c4, l.s4, r.s4, l.u4, r.u4, l.h4, r.h4, l.size >= 4 AND r.size >= 4) AS p4,
        l.c1 IS NULL OR r.c1 IS NULL AS lost1, l.c2 IS NULL OR r.c2 IS NULL AS lost2,
        l.c3 IS NULL OR r.c3 IS NULL AS lost3, l.c4 IS NULL OR r.c4 IS NULL AS lost4,
        -- one character left out, or two given characters the other way round
        l.size <> r.size AND abs(l.size - r.size) = 1 AND greatest(l.size, r.size) >= 3 AND l.c1 = r.c1 AND (
            (l.size > r.size AND (r.c2 = l.c2 OR r.c2 = l.c3)) OR (r.size > l.size AND (l.c2 = r.c2 OR l.c2 = r.c3))
        ) AS left_out,
        l.size = 3 AND r.size = 3 AND l.c1 = r.c1 AND l.c2 = r.c3 AND l.c3 = r.c2 AND l.c2 <> l.c3 AS swapped
    FROM pair JOIN link_name AS l ON l.name_id = pair.l JOIN link_name AS r ON r.name_id = pair.r
),
judged AS (
    SELECT
        *,
        greatest(coalesce(p1, 0), coalesce(p2, 0), coalesce(p3, 0), coalesce(p4, 0)) AS worst,
        (coalesce(p1, 0) = 3)::INTEGER + (coalesce(p2, 0) = 3)::INTEGER
            + (coalesce(p3, 0) = 3)::INTEGER + (coalesce(p4, 0) = 3)::INTEGER AS different,
        CASE WHEN surname = 2 THEN greatest(p1, p2) ELSE p1 END < 2 AS same_surname
    FROM place
),
levelled AS (
    SELECT
        *,
        CASE
            WHEN l = r THEN 0
            WHEN l_size > 4 OR r_size > 4
            THEN CASE WHEN jaro_winkler_similarity(l_name, r_name) > 0.95 AND regexp_full_match(l_name || r_name, '[A-Z0-9? -]+') THEN 3 ELSE 6 END
            WHEN l_size = r_size AND worst = 0 THEN 0
            WHEN l_size = r_size AND worst = 1 THEN 1
            WHEN l_size = r_size AND worst = 2 THEN 2
            WHEN swapped OR (l_size = r_size AND l_size >= 3 AND different = 1) THEN 3
            WHEN left_out THEN 4
            WHEN same_surname THEN 5
            ELSE 6
        END AS level
    FROM judged
)
SELECT
    l, r, level,
    CASE
        WHEN l_size > 4 OR r_size > 4 THEN CASE WHEN level <= 3 THEN -16.0 ELSE 0 END
        ELSE link_agreement(p1, lost1, f1)
            + CASE WHEN left_out OR swapped THEN f2 + CASE WHEN swapped THEN f3 ELSE 0 END ELSE
                link_agreement(p2, lost2, f2) + link_agreement(p3, lost3, f3) + link_agreement(p4, lost4, f4) END
    END AS chance,
    CASE
        WHEN l_size > 4 OR r_size > 4 THEN CASE WHEN level <= 3 THEN -10.0 ELSE 0 END
        ELSE CASE WHEN p1 < 2 THEN greatest(link_agreement(p1, lost1, f1), $kin_surname) ELSE 0 END
            + CASE WHEN left_out OR swapped THEN f2 + CASE WHEN swapped THEN f3 ELSE 0 END ELSE
                CASE WHEN surname = 2 AND p2 < 2 THEN 0 ELSE link_agreement(p2, lost2, f2) END
                + link_agreement(p3, lost3, f3) + link_agreement(p4, lost4, f4) END
    END AS kin
FROM levelled;
