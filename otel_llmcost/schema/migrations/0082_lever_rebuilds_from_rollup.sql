-- Grain: one row of lever_rebuilds per marker row of lever_1h.
-- Source: lever_1h.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.lever_rebuilds_from_rollup ${on_cluster} TO llmcost.lever_rebuilds AS
SELECT hour, max(lever_1h.rebuilt_at) AS rebuilt_at
FROM llmcost.lever_1h
WHERE calls = 0
GROUP BY hour
