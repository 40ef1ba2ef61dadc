-- Grain: one row of lever_1h per group of an hour that is over and whose levers are not rolled up, plus one marker row
-- (calls = 0) per such hour; twelve hours at a time, the newest first.
-- Source: lever_groups, size_groups, lever_hours_live; Store.refresh_levers appends it to lever_1h.
CREATE OR REPLACE VIEW llmcost.lever_hours_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT hour
    FROM llmcost.lever_hours_live
    WHERE hour < toStartOfHour(now('UTC')) AND hour NOT IN (SELECT hour FROM llmcost.stale_hours)
    ORDER BY hour DESC
    LIMIT 12
)
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, '' AS side, 0 AS bound,
    outcome, waiting, short_answer, cache, prefix, pause, calls, cost_usd, 0 AS tokens, 0 AS cached_tokens,
    input, cache_read, cache_write_short, cache_write_long, output, others, prompt_min, cached_min, cached_again, first_ts, last_ts,
    now64(3) AS rebuilt_at
FROM llmcost.lever_groups
WHERE hour IN (SELECT hour FROM due)
UNION ALL
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, side, bound,
    '', '', 0, '', '', 0, calls, cost_usd, tokens, cached_tokens,
    0, 0, 0, 0, 0, map(), 0, 0, 0, toDateTime64(0, 3), toDateTime64(0, 3),
    now64(3)
FROM llmcost.size_groups
WHERE hour IN (SELECT hour FROM due)
UNION ALL
SELECT
    hour, '', '', '', '', '', '', 0, '', 0,
    '', '', 0, '', '', 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, map(), 0, 0, 0, toDateTime64(0, 3), toDateTime64(0, 3),
    now64(3)
FROM due
