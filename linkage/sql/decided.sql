-- Decisions of reviewers on the presentations in scope. A decision names each side by its handle: own number, name and
-- birth date, which outlast a new telephone or address.
-- Reads link_keyed, link_member, link_decision (number, verdict, l_own, l, r_own, r). Gives link_decided (verdict, l, r:
-- presentations) and link_disowned (presentation_id).

CREATE OR REPLACE TEMP TABLE link_decided AS
WITH side AS (
    SELECT DISTINCT presentation_id, link_handle(own_key, name_key, birth_date) AS handle
    FROM link_keyed
    WHERE own_key IN (SELECT l_own FROM link_decision UNION ALL SELECT r_own FROM link_decision)
      AND presentation_id IN (FROM link_member)
),
latest AS (
    SELECT l, r, arg_max(verdict, number) AS verdict FROM link_decision GROUP BY l, r
)
SELECT d.verdict, l.presentation_id AS l, r.presentation_id AS r
FROM latest AS d JOIN side AS l ON l.handle = d.l JOIN side AS r ON r.handle = d.r
WHERE d.verdict IN ('same', 'different', 'kept') AND d.l <> d.r;

-- Of two who are different and show one valid number, the one who isn't on the register does not hold it.
CREATE OR REPLACE TEMP TABLE link_disowned AS
WITH claimant AS (
    SELECT DISTINCT presentation_id, number_key, registered
    FROM link_keyed
    WHERE id_valid AND number_key IS NOT NULL AND presentation_id IN (SELECT unnest([l, r]) FROM link_decided)
)
SELECT DISTINCT CASE WHEN r.registered AND NOT l.registered THEN d.l ELSE d.r END AS presentation_id
FROM link_decided AS d
JOIN claimant AS l ON l.presentation_id = d.l
JOIN claimant AS r ON r.presentation_id = d.r AND r.number_key = l.number_key
WHERE d.verdict = 'different';
