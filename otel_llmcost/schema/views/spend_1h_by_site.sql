-- Grain: one row per hour and every dimension of llm_cost_1h (spend_1h plus call_site).
-- Source: rebuilt hours of llm_cost_1h, and hour_groups for hours whose rollup is behind.
CREATE OR REPLACE VIEW llmcost.spend_1h_by_site ${on_cluster} AS
SELECT * EXCEPT (rebuilt_at)
FROM llmcost.llm_cost_1h FINAL
WHERE calls > 0
    AND (hour, rebuilt_at) IN (SELECT hour, max(rebuilt_at) FROM llmcost.rebuilt_hours GROUP BY hour)
    AND hour NOT IN (SELECT hour FROM llmcost.stale_hours)
UNION ALL
SELECT *
FROM llmcost.hour_groups
WHERE hour IN (SELECT hour FROM llmcost.stale_hours)
