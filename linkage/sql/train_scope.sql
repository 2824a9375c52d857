-- All live presentations. Reads presented, live_row. Gives link_member, link_decision (none) and, for placing, nothing kept.

CREATE OR REPLACE TEMP TABLE link_member AS
SELECT DISTINCT presentation_id FROM presented WHERE row_id IN (SELECT row_id FROM live_row);

CREATE OR REPLACE TEMP TABLE link_decision AS
SELECT 0::BIGINT AS number, '' AS verdict, 0::UBIGINT AS l_own, 0::UBIGINT AS l, 0::UBIGINT AS r_own, 0::UBIGINT AS r LIMIT 0;
