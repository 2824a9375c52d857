-- Open doubts on presentations that were linked anew, or went, and are in doubt no longer.
-- Reads link_open_doubt, link_member, link_leaving. Adds to link_doubt.

INSERT INTO link_doubt BY NAME
SELECT DISTINCT 'none' AS kind, l, NULL::UUID AS r
FROM link_open_doubt
WHERE (l IN (FROM link_member) OR l IN (FROM link_leaving) OR r IN (FROM link_leaving))
  AND l NOT IN (SELECT l FROM link_doubt);
