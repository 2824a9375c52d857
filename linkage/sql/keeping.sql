-- What holds only because it held before: decisions that later versions replay as long as the model is this one.
-- Reads link_attached, link_appearance; $accept. Gives link_keeping (number, verdict, l_own, l, r_own, r).

CREATE OR REPLACE TEMP TABLE link_keeping AS
WITH face AS (
    SELECT
        unit, arg_min(own_key, presentation_id) AS own,
        arg_min(link_handle(own_key, name_key, birth_date), presentation_id) AS handle
    FROM link_appearance
    WHERE unit IN (SELECT unnest([unit, root]) FROM link_attached WHERE probability < $accept)
      AND own_key IS NOT NULL
    GROUP BY unit
)
SELECT 0::BIGINT AS number, 'kept' AS verdict, l.own AS l_own, l.handle AS l, r.own AS r_own, r.handle AS r
FROM link_attached AS a JOIN face AS l ON l.unit = a.unit JOIN face AS r ON r.unit = a.root
WHERE a.probability < $accept;
