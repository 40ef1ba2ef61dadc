-- Grain: one row per hour, environment, feature, provider, model, mode, geography and what levers distinguish calls by,
-- of the calls that cost something and bill one model: how they ended (`outcome`), whether somebody waited (`waiting`),
-- short answers, what they did with the prompt cache (`cache`: off, read, write), the prefix they share, and how long
-- after the hour's previous call with that prefix they came (`pause`: within the usual life of what is cached, 300 s of
-- Anthropic's and 1800 s of others, or within 3600 s; 0 = it was the first).
-- Source: metered_calls.
-- Bucket: hour
-- Follows: hourly_spend
-- Quiet: 1 SECOND
-- At once: 12
-- Retention: calls_ttl_days
CREATE TABLE llmcost_internal.lever_hours
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    outcome LowCardinality(String) CODEC(ZSTD(1)),
    waiting LowCardinality(String) CODEC(ZSTD(1)),
    short_answer UInt8 CODEC(ZSTD(1)),
    cache LowCardinality(String) CODEC(ZSTD(1)),
    prefix String CODEC(ZSTD(1)),
    pause UInt16 CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    input Decimal(38, 6) CODEC(ZSTD(1)),
    cache_read Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_short Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_long Decimal(38, 6) CODEC(ZSTD(1)),
    output Decimal(38, 6) CODEC(ZSTD(1)),
    others Map(String, Decimal(38, 6)) COMMENT 'every other bucket' CODEC(ZSTD(1)),
    prompt_min UInt64 CODEC(T64, ZSTD(1)),
    cached_min UInt64 CODEC(T64, ZSTD(1)),
    cached_again UInt64 CODEC(T64, ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ORDER BY (hour, feature, model, environment, provider)
AS
WITH ['input', 'cache_read', ${write_buckets}, 'output'] AS usual
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, outcome, waiting, short_answer, cache, prefix,
    multiIf(since_last IS NULL, 0, since_last > usual_life * 1000, 3600, usual_life) AS pause,
    count() AS calls,
    sum(usd) AS cost_usd,
    sum(buckets['input']) AS input,
    sum(buckets['cache_read']) AS cache_read,
    sum(${short_writes(buckets)}) AS cache_write_short,
    sum(${long_writes(buckets)}) AS cache_write_long,
    sum(buckets['output']) AS output,
    sumMap(mapFilter((bucket, quantity) -> NOT has(usual, bucket), buckets)) AS others,
    min(prompt) AS prompt_min,
    min(cached) AS cached_min,
    sum(least(cached, last_cached)) AS cached_again,
    min(ts) AS first_ts,
    max(ts) AS last_ts
FROM
(
    SELECT
        *,
        dateDiff('millisecond', lagInFrame(toNullable(ts)) OVER alike, ts) AS since_last,
        lagInFrame(cached) OVER alike AS last_cached
    FROM
    (
        SELECT
            toStartOfHour(c.ts) AS hour, c.ts AS ts, c.record_id AS record_id,
            c.environment AS environment, c.feature AS feature, c.provider AS provider, c.model AS model, c.mode AS mode,
            c.price_geo AS geo, c.prefix_fingerprint AS prefix,
            assumeNotNull(c.cost_usd) AS usd,
            c.claude AS claude,
            ${short_life(claude)} AS usual_life,
            c.buckets AS buckets,
            c.input_tokens AS prompt,
            ${prompt_size(c.buckets)} AS priced_prompt,
            arrayCount(l -> priced_prompt > l, ${prompt_steps}) AS prompt_class,
            c.cache_read_tokens + c.cache_write_tokens AS cached,
            multiIf(c.cache_read_tokens > 0, 'read', cached > 0, 'write', 'off') AS cache,
            multiIf(
                c.stream_outcome = 'abandoned', 'abandoned',
                c.error_type != '', 'failed',
                c.finish_reason IN (${truncation_reasons}), 'cut',
                'answered') AS outcome,
            multiIf(
                c.batch_id != '' OR c.replies > 1 OR c.mode = 'batch', 'batched',
                lower(c.allocation['deferrable']) IN ('true', '1', 'yes'), 'declared',
                c.allocation['deferrable'] != '' OR c.ttft_ms IS NOT NULL, 'waited',
                c.user_id = '' AND c.session_id = '' AND c.conversation_id = '', 'unattended',
                c.duration_ms >= 30000
                    OR c.scope_id != '' AND count() OVER (PARTITION BY toStartOfHour(c.ts), c.scope_id) >= 20, 'tolerant',
                'unstreamed') AS waiting,
            c.output_tokens <= 256 AS short_answer
        FROM llmcost_internal.metered_calls AS c
        WHERE c.cost_usd > 0
    )
    WINDOW alike AS (PARTITION BY hour, environment, feature, provider, model, prefix ORDER BY ts, record_id
        ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
GROUP BY hour, environment, feature, provider, model, mode, geo, prompt_class, outcome, waiting, short_answer, cache, prefix, pause
