-- Grain: one row per call that an application warned of or blocked because of a budget.
-- Source: otel_logs by way of budget_decisions_from_logs. Retention: ${calls_ttl_days} days.
-- Shard: cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS llmcost.budget_decisions ${on_cluster}
(
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    decision_id String CODEC(ZSTD(1)),
    decision LowCardinality(String) COMMENT 'warned or blocked' CODEC(ZSTD(1)),
    budget String CODEC(ZSTD(1)),
    amount_usd Nullable(Decimal(18, 6)) COMMENT 'what the budget allows' CODEC(ZSTD(1)),
    committed_usd Nullable(Decimal(38, 12)) COMMENT 'spent and reserved when it was checked' CODEC(ZSTD(1)),
    estimate_usd Nullable(Decimal(38, 12)) COMMENT 'of the call; NULL when it could not be priced' CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    request_model LowCardinality(String) CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (toStartOfHour(ts), decision_id)
TTL toDateTime(ts) + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
