-- Grain: one row per hour, environment, feature and model of the calls with tokens: how long they were, and which was the
-- longest.
-- Source: calls.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
CREATE TABLE llmcost_internal.token_hours
(
    day Date CODEC(Delta(2), ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    mean_tokens Float64 COMMENT 'input and output tokens of a call' CODEC(ZSTD(1)),
    median_tokens Float64 CODEC(ZSTD(1)),
    max_tokens UInt64 COMMENT 'of the longest call' CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    longest_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    longest_usd Nullable(Decimal(18, 12)) CODEC(ZSTD(1)),
    longest_record_id String CODEC(ZSTD(1)),
    longest_trace_id String CODEC(ZSTD(1))
)
ORDER BY (day, hour, feature, model, environment)
AS
SELECT
    day, hour, environment, feature, model,
    count() AS calls,
    avg(tokens) AS mean_tokens,
    toFloat64(medianExact(tokens)) AS median_tokens,
    max(tokens) AS max_tokens,
    sum(usd) AS cost_usd,
    argMax((ts, usd, record_id, trace_id), (tokens, record_id)) AS longest,
    longest.1 AS longest_ts,
    longest.2 AS longest_usd,
    longest.3 AS longest_record_id,
    longest.4 AS longest_trace_id
FROM
(
    SELECT
        toDate(c.ts) AS day, toStartOfHour(c.ts) AS hour, c.environment AS environment, c.feature AS feature, c.model AS model,
        c.input_tokens + c.output_tokens AS tokens, c.cost_usd AS usd, c.ts AS ts, c.record_id AS record_id, c.trace_id AS trace_id
    FROM llmcost.calls AS c
    WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} AND tokens > 0
)
GROUP BY day, hour, environment, feature, model
