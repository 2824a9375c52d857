-- The codes as they are to be: whoever bears a fitting code keeps it; the others get one, and what they bore says what
-- stands for it now. A person has at most one active code, so that persons tell active codes apart; cards are compared
-- by their digest. Reads code_wanted, code_state, link_heir, code_card; $key_version, $day.
-- Gives code_kept, code_new, code_ended and code_next.

CREATE OR REPLACE TEMP TABLE code_kept AS
SELECT c.registry_id
FROM code_state AS c
JOIN code_wanted AS w ON w.registry_id = c.registry_id AND w.kind = c.kind
    AND w.number_key IS NOT DISTINCT FROM c.number_key
WHERE c.state = 'active' AND c.key_version = $key_version;

CREATE OR REPLACE TEMP TABLE code_new AS
SELECT
    substr(sealed, 17) AS card, substr(sealed, 1, 16) AS factor, kind, registry_id, number_key, serial,
    $key_version::SMALLINT AS key_version, $day::DATE AS issued_on
FROM (
    SELECT *, code_card(id_type, number, name, serial) AS sealed
    FROM code_wanted WHERE registry_id NOT IN (SELECT registry_id FROM code_kept)
);

DROP TABLE code_wanted;

CREATE OR REPLACE TEMP VIEW code_standing AS
FROM code_state WHERE md5_number(card) NOT IN (SELECT md5_number(card) FROM code_new);

CREATE OR REPLACE TEMP VIEW code_bearer AS
SELECT card, registry_id, number_key FROM code_new
UNION ALL
SELECT card, registry_id, number_key
FROM code_state WHERE state = 'active' AND registry_id IN (SELECT registry_id FROM code_kept);

CREATE OR REPLACE TEMP TABLE code_ended AS
WITH going AS (
    SELECT s.*, h.to_id, coalesce(h.to_id, s.registry_id) AS heir_id
    FROM code_standing AS s LEFT JOIN link_heir AS h ON h.from_id = s.registry_id
    WHERE (s.state = 'active' AND s.registry_id NOT IN (SELECT registry_id FROM code_kept))
       OR (s.state = 'withdrawn' AND s.number_key IN (SELECT number_key FROM code_new))
),
by_number AS (
    SELECT number_key, card FROM code_bearer WHERE number_key IN (SELECT number_key FROM going)
),
by_person AS (
    SELECT registry_id, card FROM code_bearer WHERE registry_id IN (SELECT heir_id FROM going)
)
SELECT
    g.card, g.factor, g.kind, g.registry_id, g.number_key, g.serial, g.key_version, g.issued_on,
    CASE WHEN coalesce(n.card, p.card) IS NULL THEN 'withdrawn' ELSE 'replaced' END AS state,
    coalesce(n.card, p.card) AS successor,
    CASE
        WHEN coalesce(n.card, p.card) IS NULL THEN 'person gone'
        WHEN g.state = 'withdrawn' THEN 'person back'
        WHEN g.key_version <> $key_version THEN 'key rotated'
        WHEN g.to_id IS NOT NULL THEN 'persons merged'
        WHEN g.kind = 'temporary' THEN 'number known'
        ELSE 'number corrected'
    END AS because
FROM going AS g
LEFT JOIN by_number AS n ON n.number_key = g.number_key
LEFT JOIN by_person AS p ON p.registry_id = g.heir_id;

CREATE OR REPLACE TEMP VIEW code_next AS
FROM code_standing
WHERE (state <> 'active' OR registry_id IN (SELECT registry_id FROM code_kept))
  AND NOT (state = 'withdrawn' AND coalesce(number_key IN (SELECT number_key FROM code_new), false))
UNION ALL
FROM code_ended
UNION ALL
SELECT *, 'active', NULL, NULL FROM code_new;
