-- Who stands for those who were merged, through all merges. Reads link_merged_id (from_id, to_id). Gives link_heir.

CREATE OR REPLACE TEMP TABLE link_heir AS
WITH RECURSIVE heir AS (
    SELECT from_id, to_id FROM link_merged_id
    UNION
    SELECT h.from_id, m.to_id FROM heir AS h JOIN link_merged_id AS m ON m.from_id = h.to_id
)
SELECT from_id, any_value(to_id) AS to_id FROM heir WHERE to_id NOT IN (SELECT from_id FROM link_merged_id) GROUP BY from_id;
