-- What became of the ids that there were. Reads link_state, link_linked, link_label_of, link_minted, link_retired,
-- link_leaving; $model. Gives link_event.

CREATE OR REPLACE TEMP TABLE link_event AS
WITH went AS (
    SELECT
        s.registry_id AS from_id, n.registry_id AS to_id,
        count(*) AS presentations, mode(l.tier) AS tier, min(l.probability) AS probability
    FROM link_state AS s
    JOIN link_linked AS l USING (presentation_id)
    JOIN link_label_of AS n USING (cluster)
    WHERE s.registry_id <> n.registry_id
    GROUP BY ALL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY from_id ORDER BY presentations DESC, to_id) AS place FROM went
)
SELECT
    CASE
        WHEN from_id IN (FROM link_retired) THEN CASE WHEN place = 1 THEN 'merged' ELSE 'moved' END
        WHEN to_id IN (SELECT registry_id FROM link_minted) THEN 'split'
        ELSE 'moved'
    END AS kind,
    from_id, to_id, presentations, tier, probability, $model AS model
FROM ranked
UNION ALL
SELECT 'retired', registry_id, NULL, 0, NULL, NULL, $model
FROM link_retired WHERE registry_id NOT IN (SELECT from_id FROM went);
