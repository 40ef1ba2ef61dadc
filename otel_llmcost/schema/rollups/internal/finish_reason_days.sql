-- Grain: one row per day, environment, service, feature, team, provider, model, requested model, ending (error, abandoned,
-- else the finish reason), emitter, and whether the cost is known and why not. Read finish_reasons instead.
-- Source: finish_reason_groups.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
CREATE TABLE llmcost_internal.finish_reason_days
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    request_model LowCardinality(String) COMMENT 'what was requested' CODEC(ZSTD(1)),
    finish_reason LowCardinality(String) COMMENT 'error, abandoned, else the finish reason' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'scope name of who emitted the records' CODEC(ZSTD(1)),
    is_unpriced UInt8 CODEC(ZSTD(1)),
    cost_reason LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    untagged_calls UInt64 COMMENT 'whose feature is not their own tag' CODEC(T64, ZSTD(1)),
    resends UInt64 COMMENT 'attempts beyond the first' CODEC(T64, ZSTD(1)),
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    service_version LowCardinality(String) COMMENT 'of the newest' CODEC(ZSTD(1)),
    record_id String COMMENT 'of the newest' CODEC(ZSTD(1)),
    max_lag_s Float64 COMMENT 'from the end of a call to its row in the store' CODEC(ZSTD(1)),
    lag_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1))
)
ORDER BY (day, feature, model, environment, service)
AS
SELECT * EXCEPT (time)
FROM llmcost_internal.finish_reason_groups(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, step = 86400)
