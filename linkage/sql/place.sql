-- Presentations under the valid number that they hold; the others are units of their own. A unit's number is that of the
-- valid number it holds, or else one of 64 bits with the first set.
-- Reads link_keyed, link_member, link_disowned. Gives link_placed, where one may stand twice.

CREATE OR REPLACE TEMP TABLE link_placed AS
WITH claiming AS (
    SELECT *, id_valid AND number_key IS NOT NULL AND presentation_id NOT IN (FROM link_disowned) AS claims
    FROM link_keyed
    WHERE presentation_id IN (FROM link_member)
)
SELECT
    * EXCLUDE (id_valid, claims),
    CASE WHEN claims THEN number_key ELSE hash(presentation_id) | (1::UBIGINT << 63) END AS unit,
    CASE WHEN claims THEN number_key END AS held_key,
    claims OR registered AS sure
FROM claiming;
