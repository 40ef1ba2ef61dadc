-- Grain: one row per hour and every dimension of lever_groups.
-- Source: hours of lever_1h, and lever_groups for hours whose levers are not rolled up.
CREATE OR REPLACE VIEW llmcost.lever_hours ${on_cluster} AS
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, outcome, waiting, short_answer, cache, prefix, pause,
    calls, cost_usd, input, cache_read, cache_write_short, cache_write_long, output, others, prompt_min, cached_min, cached_again,
    first_ts, last_ts
FROM llmcost.lever_1h
WHERE side = '' AND calls > 0
    AND (hour, rebuilt_at) IN (SELECT hour, max(rebuilt_at) FROM llmcost.lever_rebuilds GROUP BY hour)
    AND hour NOT IN (SELECT hour FROM llmcost.lever_hours_live)
UNION ALL
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, outcome, waiting, short_answer, cache, prefix, pause,
    calls, cost_usd, input, cache_read, cache_write_short, cache_write_long, output, others, prompt_min, cached_min, cached_again,
    first_ts, last_ts
FROM llmcost.lever_groups
WHERE hour IN (SELECT hour FROM llmcost.lever_hours_live)
