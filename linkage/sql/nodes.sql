-- The presentations in scope, each once, under a small number of its own for the length of a run.
-- Reads presentations, link_member; $register. Gives link_node.

CREATE OR REPLACE TEMP TABLE link_node AS
SELECT row_number() OVER ()::INTEGER AS n, *
FROM (
    SELECT DISTINCT
        presentation_id,
        feed = $register AS registered,
        newborn,
        id_valid AND NOT newborn AS claims,
        city_code,
        sex_code,
        birth_date,
        own_key,
        number_key,
        near_key,
        name_key,
        name_birth_key,
        mother_birth_key,
        phone_key,
        address_key
    FROM presentations
    WHERE presentation_id IN (FROM link_member)
);
