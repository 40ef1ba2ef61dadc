-- Grain: one row per day and all that bears on prompt caching: the prefix, what calls did with the cache, whether they came
-- first in their hour (`is_first`), and how long after the last call of the same prefix (`gap`, the upper bound of a class in
-- seconds: 300, 1800, 3600, 43200, more; 0 = it was the first of the day). Hours from {since:DateTime64(3)} to
-- {until:DateTime64(3)}. Batches are left out.
-- Source: lever_hours.
-- Bucket: day
-- Follows: lever_hours
-- Retention: calls_ttl_days
CREATE TABLE llmcost_internal.turn_days
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    prefix String CODEC(ZSTD(1)),
    cache LowCardinality(String) CODEC(ZSTD(1)),
    paid UInt8 CODEC(ZSTD(1)),
    is_first UInt8 CODEC(ZSTD(1)),
    gap UInt32 CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    cache_read Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_short Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_long Decimal(38, 6) CODEC(ZSTD(1)),
    cached_again UInt64 CODEC(T64, ZSTD(1)),
    cached_min UInt64 CODEC(T64, ZSTD(1)),
    prompt_min UInt64 CODEC(T64, ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ORDER BY (day, feature, model, environment, provider)
AS
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
        FROM llmcost_internal.lever_hours AS h
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
