-- Each seeker and the one known person that it most probably is. What a known person is known by does not grow by
-- those who are attached: so a seeker's person hangs on no other seeker. Who was that person before, under another
-- model, stays so a little longer than others would come to be.
-- Reads link_weighed, link_seeker, link_kept (a, b); $accept, $keep, $pass. Adds to link_attached, takes from
-- link_seeker.

INSERT INTO link_attached
WITH best AS (
    SELECT a, max_by(b, probability) AS b, max(probability) AS probability
    FROM link_weighed
    WHERE anchor AND a IN (SELECT unit FROM link_seeker WHERE NOT registered)
    GROUP BY a
)
SELECT a, b, $pass, probability
FROM best LEFT JOIN link_kept AS k USING (a, b)
WHERE probability >= CASE WHEN k.a IS NULL THEN $accept ELSE $keep END;

DELETE FROM link_seeker WHERE unit IN (SELECT unit FROM link_attached);
