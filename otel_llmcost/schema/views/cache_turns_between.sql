-- Grain: one row per row of lever_hours that bears on prompt caching, from {since:DateTime64(3)} to {until:DateTime64(3)} in
-- whole hours: with how long after the last call of the same prefix its calls came (`gap`, the upper bound of a class in
-- seconds: 300, 1800, 3600, 43200, more) and what all calls with that prefix have in common (`prefix_*`).
-- Source: lever_hours. Batches are left out. A hash stands for environment, feature, provider, model and prefix.
CREATE OR REPLACE VIEW llmcost.cache_turns_between ${on_cluster} AS
WITH
    rows AS
    (
        SELECT
            hour, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, pause,
            -- Failed and abandoned calls keep a cache warm, and are another lever's.
            outcome IN ('answered', 'cut') AS paid,
            cityHash64(environment, feature, provider, model, prefix) AS key,
            sum(calls) AS n, sum(cost_usd) AS paid_usd, toInt64(sum(cache_read)) AS read,
            toInt64(sum(cache_write_short)) AS written_short, toInt64(sum(cache_write_long)) AS written_long,
            toInt64(sum(cached_again)) AS again, toInt64(min(cached_min)) AS least_cached, toInt64(min(prompt_min)) AS least_prompt,
            min(first_ts) AS first, max(last_ts) AS last
        FROM llmcost.lever_hours
        WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)} AND waiting != 'batched'
        GROUP BY hour, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, pause, paid, key
    ),
    followed AS
    (
        SELECT *,
            dateDiff('millisecond', max(toNullable(last)) OVER (PARTITION BY key ORDER BY toUInt32(hour)
                RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), first) AS gap_ms,
            sum(n) OVER alike AS prefix_calls,
            min(least_prompt) OVER alike AS prefix_prompt_min,
            minOrNull(if(cache = 'off', NULL, least_cached)) OVER alike AS prefix_cached_min,
            sum(read) OVER alike AS prefix_read,
            sum(written_short) OVER alike AS prefix_written_short,
            sum(written_long) OVER alike AS prefix_written_long
        FROM rows
        WINDOW alike AS (PARTITION BY key ORDER BY toUInt32(hour) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, paid,
    n AS calls, paid_usd AS cost_usd, read AS cache_read, written_short AS cache_write_short, written_long AS cache_write_long,
    least_cached AS cached_min, first AS first_ts, pause = 0 AS is_first, again AS cached_again,
    prefix_calls, prefix_prompt_min, prefix_cached_min, prefix_read, prefix_written_short, prefix_written_long,
    multiIf(pause > 0, toUInt32(pause), gap_ms IS NULL, 4294967295, gap_ms <= 300000, 300, gap_ms <= 1800000, 1800,
        gap_ms <= 3600000, 3600, gap_ms <= 43200000, 43200, 4294967295) AS gap
FROM followed
