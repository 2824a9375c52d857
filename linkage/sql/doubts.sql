-- Seekers who may be someone, but not surely, and groups that contradict themselves.
-- Reads link_doubtful (rows of link_weighed, with kind), link_appearance, link_root, link_attached, link_decided. Adds to
-- link_doubt, and takes from it what was decided.

INSERT INTO link_doubt BY NAME
WITH still AS (
    SELECT d.* FROM link_doubtful AS d
    LEFT JOIN link_root AS l ON l.unit = d.a LEFT JOIN link_root AS r ON r.unit = d.b
    WHERE coalesce(l.root, d.a) <> coalesce(r.root, d.b)
      -- Whether one is a known person is asked of that person.
      AND NOT (d.kind = 'perhaps one' AND d.b IN (SELECT unit FROM link_attached))
    QUALIFY row_number() OVER (PARTITION BY d.a ORDER BY d.probability DESC, d.b) <= 5
),
face AS (
    SELECT unit, min(presentation_id) AS presentation_id
    FROM link_appearance
    WHERE unit IN (SELECT unnest([a, b]) FROM still)
    GROUP BY unit
)
SELECT d.kind, l.presentation_id AS l, r.presentation_id AS r, d.probability, d.weight, d.name_chance, d.levels
FROM still AS d JOIN face AS l ON l.unit = d.a JOIN face AS r ON r.unit = d.b;

-- A decision that holds has settled its doubt; one that another contradicts has not.
DELETE FROM link_doubt AS q
WHERE EXISTS (
    FROM link_decided AS d
    JOIN link_appearance AS la ON la.presentation_id = d.l
    JOIN link_appearance AS ra ON ra.presentation_id = d.r
    LEFT JOIN link_root AS l ON l.unit = la.unit
    LEFT JOIN link_root AS r ON r.unit = ra.unit
    WHERE ((d.l = q.l AND d.r = q.r) OR (d.l = q.r AND d.r = q.l))
      AND d.verdict = CASE WHEN coalesce(l.root, la.unit) = coalesce(r.root, ra.unit) THEN 'same' ELSE 'different' END
);
