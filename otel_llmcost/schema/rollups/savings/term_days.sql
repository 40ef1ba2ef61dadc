-- Grain: one row per day and what a price depends on: how long prompts and answers are, what was paid for nothing (`wasted`:
-- failed, abandoned), whether a user waited; of calls at a quiet hour none may have, so those have the hour of the day.
-- Hours from {since:DateTime64(3)} to {until:DateTime64(3)}. And one row (is_free) per day, environment, feature, provider,
-- model, mode and prompt class of the calls that cost nothing and bill one model, all buckets in `others`: levers leave them
-- out, another model would charge for them.
-- Source: lever_hours; metered_calls for the free ones.
-- Bucket: day
-- Follows: lever_hours
-- Retention: calls_ttl_days
CREATE TABLE llmcost_internal.term_days
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    short_answer UInt8 CODEC(ZSTD(1)),
    wasted LowCardinality(String) CODEC(ZSTD(1)),
    waiting LowCardinality(String) CODEC(ZSTD(1)),
    hour_of_day UInt8 CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    input Decimal(38, 6) CODEC(ZSTD(1)),
    cache_read Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_short Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_long Decimal(38, 6) CODEC(ZSTD(1)),
    output Decimal(38, 6) CODEC(ZSTD(1)),
    others Map(String, Decimal(38, 6)) CODEC(ZSTD(1)),
    is_free UInt8 CODEC(ZSTD(1))
)
ORDER BY (day, feature, model, environment, provider)
AS
SELECT
    toDate(hour) AS day, environment, feature, provider, model, mode, geo, prompt_class, short_answer,
    if(outcome IN ('failed', 'abandoned'), toString(outcome), '') AS wasted, waiting,
    if(waiting = 'unstreamed', toHour(hour), 0) AS hour_of_day,
    sum(h.calls) AS calls, sum(h.cost_usd) AS cost_usd,
    sum(h.input) AS input, sum(h.cache_read) AS cache_read, sum(h.cache_write_short) AS cache_write_short,
    sum(h.cache_write_long) AS cache_write_long, sum(h.output) AS output, sumMap(h.others) AS others,
    0 AS is_free
FROM llmcost_internal.lever_hours AS h
WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}
GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, short_answer, wasted, waiting, hour_of_day
UNION ALL
SELECT
    toDate(c.ts) AS day, c.environment AS environment, c.feature AS feature, c.provider AS provider, c.model AS model, c.mode AS mode,
    '' AS geo, arrayCount(l -> ${prompt_size(c.buckets)} > l, ${prompt_steps}) AS prompt_class, 0 AS short_answer, '' AS wasted,
    '' AS waiting, 0 AS hour_of_day, count() AS calls, toDecimal128(0, 12) AS cost_usd, toDecimal128(0, 6) AS input,
    toDecimal128(0, 6) AS cache_read, toDecimal128(0, 6) AS cache_write_short, toDecimal128(0, 6) AS cache_write_long,
    toDecimal128(0, 6) AS output, sumMap(c.buckets) AS others, 1 AS is_free
FROM llmcost_internal.metered_calls AS c
WHERE c.cost_usd = 0 AND c.ts >= toStartOfHour({since:DateTime64(3)}) AND c.ts < {until:DateTime64(3)}
GROUP BY day, environment, feature, provider, model, mode, prompt_class
