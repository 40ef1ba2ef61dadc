-- Grain: one row per hour, environment, service, feature, team, provider, model, operation, mode and call site.
-- Source: rebuilt hours of llm_cost_1h, and hour_groups for hours whose rollup is behind; those are found once per query.
-- Costs are NULL when nothing in the row is priced.
CREATE OR REPLACE VIEW llmcost.spend_1h ${on_cluster} AS
WITH (SELECT groupUniqArray(hour) FROM llmcost.stale_hours) AS behind
SELECT * EXCEPT (rebuilt_at)
FROM llmcost.llm_cost_1h FINAL
WHERE calls > 0
    AND (hour, rebuilt_at) IN (SELECT hour, max(rebuilt_at) FROM llmcost.rebuilt_hours GROUP BY hour)
    AND hour NOT IN behind
UNION ALL
WITH (SELECT groupUniqArray(hour) FROM llmcost.stale_hours) AS behind
SELECT *
FROM llmcost.hour_groups
WHERE hour IN behind
