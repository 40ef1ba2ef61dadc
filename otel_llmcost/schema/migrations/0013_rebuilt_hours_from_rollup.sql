-- Grain: one row of rebuilt_hours per hour and block of llm_cost_1h.
-- Source: llm_cost_1h.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.rebuilt_hours_from_rollup ${on_cluster} TO llmcost.rebuilt_hours AS
SELECT hour, max(llm_cost_1h.rebuilt_at) AS rebuilt_at
FROM llmcost.llm_cost_1h
GROUP BY hour
