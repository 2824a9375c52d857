-- All presentations, those held out as if they lacked their number. Reads link_sighted, link_held_out. Gives presentations.

CREATE OR REPLACE TEMP VIEW presentations AS
SELECT p.* REPLACE (
    CASE WHEN o.presentation_id IS NULL THEN p.id_no ELSE o.id_no END AS id_no,
    p.id_valid AND o.presentation_id IS NULL AS id_valid,
    CASE WHEN o.presentation_id IS NULL THEN p.number_key ELSE o.number_key END AS number_key
)
FROM link_sighted AS p LEFT JOIN link_held_out AS o USING (presentation_id);
