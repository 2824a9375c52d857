-- Whoever was decided to be different, and came to one person by different ways, parts: the one without a number leaves.
-- Reads link_decided, link_appearance, link_root. Takes from link_root.

DELETE FROM link_root WHERE unit IN (
    WITH stands AS (
        SELECT a.presentation_id, a.unit, a.held_key, coalesce(r.root, a.unit) AS root, r.probability
        FROM link_appearance AS a LEFT JOIN link_root AS r USING (unit)
        WHERE a.presentation_id IN (SELECT unnest([l, r]) FROM link_decided WHERE verdict = 'different')
    ),
    together AS (
        SELECT
            l.unit AS l, r.unit AS r,
            l.held_key IS NULL AND l.unit <> l.root AS l_may,
            r.held_key IS NULL AND r.unit <> r.root AS r_may,
            coalesce(l.probability, 1) > coalesce(r.probability, 1) AS l_surer
        FROM link_decided AS d
        JOIN stands AS l ON l.presentation_id = d.l
        JOIN stands AS r ON r.presentation_id = d.r
        WHERE d.verdict = 'different' AND l.root = r.root AND l.unit <> r.unit
    )
    SELECT CASE WHEN r_may AND (l_surer OR NOT l_may) THEN r WHEN l_may THEN l END FROM together
);
