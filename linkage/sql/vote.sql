-- Which registry ids a cluster's presentations had before. One that went passes its vote on to those that carry
-- its own number now: a corrected row is still the same person's.
-- Reads link_linked, link_cluster, link_state, link_leaving, presentations. Gives link_vote and link_named (empty).

CREATE OR REPLACE TEMP TABLE link_vote AS
WITH kept AS (
    SELECT l.cluster, s.registry_id FROM link_linked AS l JOIN link_state AS s USING (presentation_id)
),
gone AS (
    SELECT DISTINCT presentation_id, s.registry_id, p.own_key
    FROM link_state AS s JOIN presentations AS p USING (presentation_id)
    WHERE presentation_id IN (FROM link_leaving)
),
passed_on AS (
    SELECT DISTINCT l.cluster, g.registry_id, g.presentation_id FROM gone AS g JOIN link_linked AS l USING (own_key)
),
votes AS (
    SELECT cluster, registry_id, count(*) AS votes
    FROM (FROM kept UNION ALL SELECT cluster, registry_id FROM passed_on)
    GROUP BY cluster, registry_id
)
SELECT v.*, c.seed, c.known FROM votes AS v JOIN link_cluster AS c USING (cluster);

CREATE OR REPLACE TEMP TABLE link_named (cluster UBIGINT, registry_id UUID);
