-- Identity rows of one batch, folded, each with the id of its presentation.
-- Reads link_source (identity rows). Gives link_folded and link_presented.

CREATE OR REPLACE TEMP TABLE link_folded AS
WITH folded AS (
    SELECT
        row_id, feed, updated_at,
        link_key('encounter', institution || chr(31) || encounter_no) AS encounter_key,
        CASE
            WHEN fee > 0 THEN link_key('stay', institution || chr(31) || started_on || chr(31) || fee)
        END AS stay_key,
        city_code, org_code, own_no, birth_date,
        link_fold(name) AS name,
        CASE WHEN sex_code IN ('1', '2') THEN sex_code END AS sex_code,
        CASE WHEN id_valid THEN id_no ELSE link_number(id_no) END AS id_no,
        coalesce(id_valid, false) AS id_valid,
        link_digits(phone) AS phone,
        link_address(address) AS address,
        link_number(near_id_no) AS near_id_no,
        link_number(health_code) AS health_code
    FROM link_source
)
SELECT
    md5_number(concat(
        feed, chr(31), city_code, chr(31), org_code, chr(31), own_no, chr(31), name, chr(31), sex_code, chr(31),
        birth_date, chr(31), id_no, chr(31), id_valid, chr(31), phone, chr(31), address, chr(31), near_id_no,
        chr(31), health_code
    ))::UUID AS presentation_id,
    *
FROM folded;

CREATE OR REPLACE TEMP VIEW link_presented AS
SELECT row_id, presentation_id, feed, updated_at, encounter_key, stay_key FROM link_folded;
