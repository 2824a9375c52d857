-- The distinct presentations of one batch, with the keys that linkage joins on.
-- Reads link_folded, link_spelling. Gives link_presentation.
-- A newborn's form is built on the mother's name and number, and has none of its own: they say who is near. But a number
-- with the newborn's own birth date in it is the newborn's.

CREATE OR REPLACE TEMP TABLE link_first AS
SELECT min(row_id) AS row_id FROM link_folded GROUP BY presentation_id;

CREATE OR REPLACE TEMP VIEW link_presentation AS
WITH presentation AS (
    SELECT *, link_newborn(name) AS newborn FROM link_folded WHERE row_id IN (FROM link_first)
),
judged AS (
    SELECT
        p.*,
        NOT newborn OR (id_valid AND strftime(birth_date, '%Y%m%d') = id_no[7:14]) AS own_number,
        CASE WHEN id_valid THEN id_no ELSE link_known_number(id_no) END AS known_number,
        link_known_number(near_id_no) AS near_number,
        s.name AS spelled_name, s.name_key, s.sound_key
    FROM presentation AS p
    LEFT JOIN link_spelling AS s ON s.written = CASE WHEN newborn THEN link_mother_name(p.name) ELSE p.name END
)
SELECT
    presentation_id, feed, city_code,
    CASE WHEN NOT newborn THEN spelled_name END AS name,
    newborn, sex_code, birth_date,
    CASE WHEN own_number THEN known_number END AS id_no,
    id_valid AND own_number AS id_valid,
    link_key('own', concat(feed, chr(31), city_code, chr(31), org_code, chr(31)) || own_no) AS own_key,
    link_key('code', health_code) AS code_key,
    CASE WHEN NOT newborn THEN name_key END AS name_key,
    CASE WHEN NOT newborn THEN sound_key END AS sound_key,
    CASE WHEN newborn THEN sound_key END AS mother_key,
    CASE WHEN own_number THEN link_number_key(known_number) END AS number_key,
    link_number_key(coalesce(near_number, CASE WHEN NOT own_number THEN known_number END)) AS near_key,
    link_phone_key(link_known_phone(phone)) AS phone_key,
    link_key('address', link_known_address(address)) AS address_key
FROM judged;
