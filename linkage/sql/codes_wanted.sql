-- Who is to bear which code: by the valid number that a person's presentations agree on most, the register's first; of
-- several persons with one number the one who has most of it. Whoever has no number, or not the first claim to it, gets
-- a temporary code. Reads link_state, presentations, code_state, code_pseudonym; $register.
-- Gives code_wanted (registry_id, kind, id_type, number, name, number_key, serial).

CREATE OR REPLACE TEMP TABLE code_said AS
SELECT s.registry_id, p.id_no AS number, p.name, p.feed = $register AS registered, count(*) AS presentations
FROM link_state AS s
JOIN (
    SELECT presentation_id, any_value(feed) AS feed, any_value(name) AS name,
      any_value(CASE WHEN id_valid THEN id_no END) AS id_no
    FROM presentations GROUP BY presentation_id
) AS p USING (presentation_id)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE code_claim AS
WITH counted AS (
    SELECT registry_id, number, bool_or(registered) AS registered, sum(presentations) AS presentations
    FROM code_said WHERE number IS NOT NULL GROUP BY ALL
),
own AS (
    FROM counted
    QUALIFY row_number() OVER (PARTITION BY registry_id ORDER BY registered DESC, presentations DESC, number) = 1
)
FROM own
QUALIFY row_number() OVER (PARTITION BY number ORDER BY registered DESC, presentations DESC, registry_id) = 1;

CREATE OR REPLACE TEMP TABLE code_wanted AS
WITH called AS (
    SELECT registry_id, arg_max(name, struct_pack(registered, presentations, name)) AS name
    FROM code_said WHERE name IS NOT NULL GROUP BY registry_id
),
revoked AS (
    SELECT kind, registry_id, number_key, max(serial) + 1 AS serial FROM code_state WHERE state = 'revoked' GROUP BY ALL
),
everyone AS (
    SELECT
        e.registry_id, c.number,
        CASE WHEN c.number IS NULL THEN 'temporary' ELSE 'resident' END AS kind,
        coalesce(n.name, '') AS name,
        link_number_key(c.number) AS number_key
    FROM (SELECT DISTINCT registry_id FROM code_said) AS e
    LEFT JOIN code_claim AS c USING (registry_id)
    LEFT JOIN called AS n USING (registry_id)
)
SELECT
    e.registry_id, e.kind,
    CASE e.kind WHEN 'resident' THEN '01' ELSE '99' END AS id_type,
    coalesce(e.number, 'T' || upper(substr(code_pseudonym(replace(e.registry_id::VARCHAR, '-', '')), 1, 17))) AS number,
    e.name, e.number_key,
    coalesce(r.serial, t.serial, 0)::INTEGER AS serial
FROM everyone AS e
LEFT JOIN (SELECT number_key, max(serial) AS serial FROM revoked WHERE kind = 'resident' GROUP BY ALL) AS r
    ON r.number_key = e.number_key
LEFT JOIN (SELECT registry_id, max(serial) AS serial FROM revoked WHERE kind = 'temporary' GROUP BY ALL) AS t
    ON e.kind = 'temporary' AND t.registry_id = e.registry_id;

DROP TABLE code_said;
DROP TABLE code_claim;
