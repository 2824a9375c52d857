-- Who lay in two hospitals at once: one of the two stays may be somebody else's. Leaving one on the day of coming to the other
-- is a transfer.
-- Reads stay, presented, live_row, link_linked, link_label_of, link_state, link_member, link_leaving, link_decided. Adds to
-- link_doubt.

INSERT INTO link_doubt BY NAME
WITH told AS (
    SELECT p.presentation_id, s.org_code, s.started_on, s.ended_on
    FROM stay AS s JOIN presented AS p USING (row_id)
    WHERE s.row_id IN (SELECT row_id FROM live_row)
),
-- Those of the persons linked anew, and who else is of these persons without having been linked again.
standing AS (
    SELECT l.presentation_id, n.registry_id, true AS anew
    FROM link_linked AS l JOIN link_label_of AS n USING (cluster)
    WHERE l.presentation_id IN (SELECT presentation_id FROM told)
    UNION ALL
    SELECT presentation_id, registry_id, false
    FROM link_state
    WHERE presentation_id IN (SELECT presentation_id FROM told)
      AND presentation_id NOT IN (FROM link_member) AND presentation_id NOT IN (FROM link_leaving)
),
lying AS (
    FROM standing JOIN told USING (presentation_id)
),
twice AS (
    SELECT DISTINCT a.registry_id, a.presentation_id AS l, b.presentation_id AS r
    FROM lying AS a JOIN lying AS b USING (registry_id)
    WHERE a.org_code <> b.org_code AND a.started_on < b.ended_on AND b.started_on < a.ended_on
      AND a.anew AND (NOT b.anew OR a.presentation_id < b.presentation_id)
)
SELECT 'in two places at once' AS kind, l, r
FROM twice AS t
WHERE NOT EXISTS (
    FROM link_decided AS d
    WHERE d.verdict = 'same' AND ((d.l = t.l AND d.r = t.r) OR (d.l = t.r AND d.r = t.l))
)
QUALIFY row_number() OVER (PARTITION BY registry_id ORDER BY l, r) <= 3;
