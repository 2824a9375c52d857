-- What live records say of both sides of doubts: of each field the values that most of them have, those of the
-- presentation itself first.
-- Reads review_chosen (doubt, side, presentation_id), link_state, presented, live_row, review_identity (identity rows),
-- review_institution (org_code, name); $most. Gives review_value (doubt, side, field, value, place).

CREATE OR REPLACE TEMP TABLE review_row AS
WITH person AS (
    SELECT c.doubt, c.side, c.presentation_id AS face, s.registry_id
    FROM review_chosen AS c JOIN link_state AS s USING (presentation_id)
),
-- Whether one person is two is asked of what the two presentations say themselves.
within AS (
    SELECT doubt FROM person
    GROUP BY doubt HAVING bool_or(side = 'l') AND bool_or(side = 'r') AND min(registry_id) = max(registry_id)
)
SELECT p.doubt, p.side, s.presentation_id = p.face AS face, r.row_id
FROM person AS p
JOIN link_state AS s USING (registry_id)
JOIN presented AS r ON r.presentation_id = s.presentation_id
WHERE r.row_id IN (SELECT row_id FROM live_row)
  AND (s.presentation_id = p.face OR p.doubt NOT IN (FROM within));

CREATE OR REPLACE TEMP TABLE review_value AS
WITH written AS (
    FROM review_identity WHERE row_id IN (SELECT row_id FROM review_row)
),
said AS (
    SELECT
        r.doubt, r.side, r.face, i.name, i.sex_code, i.birth_date::VARCHAR AS birth_date, i.id_no, i.near_id_no, i.phone,
        i.address, i.health_code, i.own_no, coalesce(o.name, i.institution) AS institution, i.feed, i.city_code
    FROM review_row AS r
    JOIN written AS i USING (row_id)
    LEFT JOIN review_institution AS o ON o.org_code = i.institution
),
field AS (
    UNPIVOT said ON name, sex_code, birth_date, id_no, near_id_no, phone, address, health_code, own_no, institution, feed,
        city_code INTO NAME field VALUE value
),
counted AS (
    SELECT doubt, side, field, value, bool_or(face) AS face, count(*) AS records
    FROM field
    WHERE value <> ''
    GROUP BY ALL
)
SELECT
    doubt, side, field, value,
    row_number() OVER (PARTITION BY doubt, side, field ORDER BY face DESC, records DESC, value) AS place
FROM counted
QUALIFY place <= $most;
