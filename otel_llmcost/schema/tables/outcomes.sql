-- Grain: one row per outcome() call.
-- Source: otel_logs by way of outcomes_from_logs. Retention: ${calls_ttl_days} days.
-- Shard: cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS llmcost.outcomes ${on_cluster}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    outcome_id String CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    value Nullable(Float64) COMMENT 'NULL when none was given' CODEC(ZSTD(1)),
    scope_id String CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    conversation_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    allocation Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
    version UInt64 DEFAULT 0 COMMENT 'the first to arrive stays' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMM(ts)
ORDER BY (toStartOfHour(ts), outcome_id)
TTL toDateTime(ts) + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
