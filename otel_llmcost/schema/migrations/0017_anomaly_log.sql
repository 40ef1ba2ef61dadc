-- Grain: one row per anomaly that was seen (its id is a hash of kind, hour or record, feature and model).
-- Source: anomaly views, appended by `otel-llmcost serve`. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.anomaly_log ${on_cluster}
(
    anomaly_id String,
    detector LowCardinality(String),
    detected_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    ratio Nullable(Float64),
    cost_usd Nullable(Decimal(38, 12)),
    excess_usd Nullable(Decimal(38, 12)),
    worst_record_id String,
    worst_trace_id String,
    logged_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(logged_at)
PARTITION BY toYYYYMM(detected_at)
ORDER BY (toStartOfHour(detected_at), anomaly_id)
TTL toDateTime(detected_at) + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
