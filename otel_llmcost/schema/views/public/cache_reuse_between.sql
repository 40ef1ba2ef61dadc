-- Grain: one row per row of turn_days from {since:DateTime64(3)} to {until:DateTime64(3)} in whole hours: with how long after
-- the last call of the same prefix its calls came (`gap`, see there; of the first of a day, after those of days before; more
-- where there was none) and what all calls with that prefix have in common (`prefix_*`).
-- Source: turn_days. A hash stands for environment, feature, provider, model and prefix.
CREATE OR REPLACE VIEW llmcost.cache_reuse_between ${on_cluster} AS
WITH
    keyed AS
    (
        SELECT
            day, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, paid, is_first, gap AS gap_of_day, calls, cost_usd,
            toInt64(t.cache_read) AS cache_read, toInt64(t.cache_write_short) AS cache_write_short, toInt64(t.cache_write_long) AS cache_write_long,
            toInt64(t.cached_again) AS cached_again, toInt64(t.cached_min) AS cached_min, toInt64(t.prompt_min) AS prompt_min,
            first_ts, last_ts, cityHash64(environment, feature, provider, model, prefix) AS key
        FROM llmcost_internal.turn_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS t
    ),
    followed AS
    (
        SELECT *,
            dateDiff('millisecond', max(toNullable(last_ts)) OVER (PARTITION BY key ORDER BY toUInt16(day)
                RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), first_ts) AS gap_ms,
            sum(calls) OVER alike AS prefix_calls,
            min(prompt_min) OVER alike AS prefix_prompt_min,
            minOrNull(if(cache = 'off', NULL, cached_min)) OVER alike AS prefix_cached_min,
            sum(cache_read) OVER alike AS prefix_read,
            sum(cache_write_short) OVER alike AS prefix_written_short,
            sum(cache_write_long) OVER alike AS prefix_written_long
        FROM keyed
        WINDOW alike AS (PARTITION BY key ORDER BY toUInt16(day) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
SELECT
    day, environment, feature, provider, model, mode, geo, prompt_class, prefix, cache, paid, calls, cost_usd,
    cache_read, cache_write_short, cache_write_long, cached_min, first_ts, is_first, cached_again,
    prefix_calls, prefix_prompt_min, prefix_cached_min, prefix_read, prefix_written_short, prefix_written_long,
    multiIf(gap_of_day > 0, gap_of_day, gap_ms IS NULL, 4294967295, gap_ms <= 300000, 300, gap_ms <= 1800000, 1800,
        gap_ms <= 3600000, 3600, gap_ms <= 43200000, 43200, 4294967295) AS gap
FROM followed
