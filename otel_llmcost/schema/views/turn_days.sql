-- Grain: one row per day and all that bears on prompt caching: the prefix, what calls did with the cache, whether they came
-- first in their hour (`is_first`), and how long after the last call of the same prefix (`gap`, the upper bound of a class in
-- seconds: 300, 1800, 3600, 43200, more; 0 = it was the first of the day). Hours from {since:DateTime64(3)} to
-- {until:DateTime64(3)}. Batches are left out.
-- Source: lever_hours.
CREATE OR REPLACE VIEW llmcost.turn_days ${on_cluster} AS
WITH
    turns AS
    (
        SELECT
            toDate(hour) AS day, hour, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, pause,
            -- Failed and abandoned calls keep a cache warm, and are another lever's.
            outcome IN ('answered', 'cut') AS paid,
            sum(h.calls) AS calls, sum(h.cost_usd) AS cost_usd, sum(h.cache_read) AS cache_read,
            sum(h.cache_write_short) AS cache_write_short, sum(h.cache_write_long) AS cache_write_long,
            sum(h.cached_again) AS cached_again, min(h.cached_min) AS cached_min, min(h.prompt_min) AS prompt_min,
            min(h.first_ts) AS first_ts, max(h.last_ts) AS last_ts
        FROM llmcost.lever_hours AS h
        WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)} AND waiting != 'batched'
        GROUP BY day, hour, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, pause, paid
    ),
    followed AS
    (
        SELECT *,
            dateDiff('millisecond', max(toNullable(last_ts)) OVER (
                PARTITION BY day, environment, feature, provider, model, prefix ORDER BY toUInt32(hour)
                RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), first_ts) AS gap_ms
        FROM turns
    )
SELECT
    day, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, paid, pause = 0 AS is_first,
    multiIf(pause > 0, toUInt32(pause), gap_ms IS NULL, 0, gap_ms <= 300000, 300, gap_ms <= 1800000, 1800,
        gap_ms <= 3600000, 3600, gap_ms <= 43200000, 43200, 4294967295) AS gap,
    sum(f.calls) AS calls, sum(f.cost_usd) AS cost_usd, sum(f.cache_read) AS cache_read,
    sum(f.cache_write_short) AS cache_write_short, sum(f.cache_write_long) AS cache_write_long,
    sum(f.cached_again) AS cached_again, min(f.cached_min) AS cached_min, min(f.prompt_min) AS prompt_min,
    min(f.first_ts) AS first_ts, max(f.last_ts) AS last_ts
FROM followed AS f
GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, paid, is_first, gap
