-- What became of those held out. Reads link_held_out, link_linked, link_sighted, link_rest. Adds to link_outcome.

INSERT INTO link_outcome
WITH holder AS (
    SELECT DISTINCT p.number_key AS number, l.cluster
    FROM link_linked AS l JOIN link_sighted AS p USING (presentation_id)
    WHERE p.id_valid AND NOT l.free
      AND p.number_key IN (SELECT number FROM link_held_out)
      AND l.presentation_id NOT IN (SELECT presentation_id FROM link_held_out)
),
-- Who else is left of the holder, in scope or not: without anybody, there is no one to come to.
left_over AS (
    SELECT DISTINCT number_key AS number
    FROM link_sighted
    WHERE id_valid AND number_key IN (SELECT number FROM link_held_out)
      AND presentation_id IN (SELECT presentation_id FROM link_rest WHERE NOT free)
),
cluster AS (
    SELECT cluster, bool_or(NOT free) AS held FROM link_linked GROUP BY cluster
)
SELECT
    o.presentation_id, o.feed, o.registered, o.manner,
    CASE
        WHEN EXISTS (FROM holder AS h WHERE h.number = o.number AND h.cluster = l.cluster) THEN 'right'
        WHEN l.known OR c.held THEN 'false'
        ELSE 'missed'
    END AS outcome
FROM link_held_out AS o
JOIN link_linked AS l USING (presentation_id)
JOIN cluster AS c USING (cluster)
WHERE o.number IN (FROM left_over);
