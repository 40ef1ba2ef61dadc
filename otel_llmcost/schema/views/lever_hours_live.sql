-- Grain: one row per hour whose levers are not rolled up, or were before its calls were last. What arrived since the last
-- refresh is in it when the next one is over.
-- Source: rebuilt_hours, lever_rebuilds.
CREATE OR REPLACE VIEW llmcost.lever_hours_live ${on_cluster} AS
SELECT r.hour AS hour
FROM (SELECT hour, max(rebuilt_at) AS rebuilt_at FROM llmcost.rebuilt_hours GROUP BY hour) AS r
LEFT JOIN (SELECT hour, max(rebuilt_at) AS rebuilt_at FROM llmcost.lever_rebuilds GROUP BY hour) AS l ON r.hour = l.hour
WHERE ifNull(l.rebuilt_at, toDateTime64(0, 3)) < r.rebuilt_at
