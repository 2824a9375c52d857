-- The distinct presentations of one batch, with the keys that linkage joins on.
-- Reads link_folded. Gives link_presentation.

CREATE OR REPLACE TEMP VIEW link_presentation AS
WITH presentation AS (
    SELECT DISTINCT * EXCLUDE (row_id, updated_at) FROM link_folded
),
judged AS (
    SELECT
        *,
        link_newborn(name) AS newborn,
        link_known_name(name) AS known_name,
        CASE WHEN id_valid THEN id_no ELSE link_known_number(id_no) END AS known_number,
        link_known_number(near_id_no) AS near_number
    FROM presentation
)
SELECT
    presentation_id, feed, city_code, org_code, own_no, name, newborn, sex_code, birth_date, id_no, id_valid,
    phone, address, near_id_no,
    link_key('own', concat(feed, chr(31), city_code, chr(31), org_code, chr(31)) || own_no) AS own_key,
    link_key('name', known_name) AS name_key,
    link_key('number', known_number) AS number_key,
    link_key('number', near_number) AS near_key,
    CASE WHEN NOT newborn THEN link_key('name birth', known_name || chr(31) || birth_date) END AS name_birth_key,
    -- Whose child, born when: a newborn's form carries the mother's number and none of its own.
    link_key(
        'mother birth', coalesce(near_number, CASE WHEN newborn THEN known_number END) || chr(31) || birth_date
    ) AS mother_birth_key,
    link_key('phone', link_known_phone(phone)) AS phone_key,
    link_key('address', link_known_address(address)) AS address_key
FROM judged;
