-- A cluster and an id that are each other's best match belong together; the rest go into the next round. Of two
-- parts of a person the one with more of the old presentations keeps the id, then the registered one.
-- Reads link_vote. Adds to link_named and takes what is decided from link_vote.

CREATE OR REPLACE TEMP TABLE link_match AS
WITH ranked AS (
    SELECT
        cluster,
        registry_id,
        row_number() OVER (PARTITION BY cluster ORDER BY votes DESC, registry_id) AS by_cluster,
        row_number() OVER (PARTITION BY registry_id ORDER BY votes DESC, known DESC, seed) AS by_id
    FROM link_vote
)
SELECT cluster, registry_id FROM ranked WHERE by_cluster = 1 AND by_id = 1;

INSERT INTO link_named FROM link_match;

CREATE OR REPLACE TEMP TABLE link_vote AS
FROM link_vote
WHERE cluster NOT IN (SELECT cluster FROM link_match) AND registry_id NOT IN (SELECT registry_id FROM link_match);
