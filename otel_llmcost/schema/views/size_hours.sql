-- Grain: one row per hour and every dimension of size_groups.
-- Source: hours of lever_1h, and size_groups for hours whose levers are not rolled up.
CREATE OR REPLACE VIEW llmcost.size_hours ${on_cluster} AS
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, side, bound, calls, tokens, cached_tokens, cost_usd
FROM llmcost.lever_1h
WHERE side != ''
    AND (hour, rebuilt_at) IN (SELECT hour, max(rebuilt_at) FROM llmcost.lever_rebuilds GROUP BY hour)
    AND hour NOT IN (SELECT hour FROM llmcost.lever_hours_live)
UNION ALL
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, side, bound, calls, tokens, cached_tokens, cost_usd
FROM llmcost.size_groups
WHERE hour IN (SELECT hour FROM llmcost.lever_hours_live)
