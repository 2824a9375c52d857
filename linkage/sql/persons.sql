-- Who each person is: by the newest live register row, or else by what the newest presentations say.
-- Reads link_row (row_id, feed, presentation_id, updated_at, registry_id, tier: the live rows of the persons),
-- link_row_key (registry_id, person_key), residence, presentations; $register. Gives person.

CREATE OR REPLACE TEMP TABLE link_living AS
SELECT registry_id, row_id, presentation_id, updated_at, feed = $register AS registered
FROM link_row
WHERE feed = $register OR tier = 'new';

CREATE OR REPLACE TEMP TABLE link_face AS
SELECT
    presentation_id,
    any_value(sex_code) AS sex_code,
    any_value(birth_date) AS birth_date,
    any_value(city_code) AS city_code
FROM presentations
WHERE presentation_id IN (SELECT presentation_id FROM link_living)
GROUP BY presentation_id;

CREATE OR REPLACE TEMP TABLE person AS
WITH register_row AS (
    FROM link_living WHERE registered
),
several AS (
    SELECT registry_id FROM register_row GROUP BY registry_id HAVING count(*) > 1
),
newest AS (
    FROM register_row WHERE registry_id NOT IN (FROM several)
    UNION ALL
    FROM register_row WHERE registry_id IN (FROM several)
    QUALIFY row_number() OVER (PARTITION BY registry_id ORDER BY updated_at DESC, presentation_id) = 1
),
registered AS (
    SELECT
        n.registry_id, true AS registered, f.sex_code, f.birth_date,
        r.residence_division, r.residency_type, r.death_date, f.city_code
    FROM newest AS n
    JOIN link_face AS f ON f.presentation_id = n.presentation_id
    LEFT JOIN residence AS r ON r.row_id = n.row_id
),
unregistered AS (
    SELECT
        l.registry_id, false AS registered,
        arg_max(f.sex_code, struct_pack(l.updated_at, presentation_id)) AS sex_code,
        arg_max(f.birth_date, struct_pack(l.updated_at, presentation_id)) AS birth_date
    FROM link_living AS l JOIN link_face AS f USING (presentation_id)
    WHERE NOT l.registered
    GROUP BY l.registry_id
),
everyone AS (
    FROM registered UNION ALL BY NAME FROM unregistered
)
SELECT
    person_key,
    registered, sex_code, birth_date, residence_division, residency_type, death_date, city_code
FROM everyone JOIN link_row_key USING (registry_id);
