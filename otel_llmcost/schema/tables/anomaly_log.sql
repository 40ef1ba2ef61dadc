-- Grain: one row per anomaly that was seen (its id is a hash of kind, hour or record, feature and model).
-- Source: `otel-llmcost serve`, by the queries detect_*. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.anomaly_log ${on_cluster}
(
    anomaly_id String,
    detector LowCardinality(String),
    detected_at DateTime64(3, 'UTC'),
    started_at DateTime('UTC') COMMENT 'first hour of the window it was first seen in',
    ended_at DateTime64(3, 'UTC') COMMENT 'end of the last hour that by itself showed it',
    kind LowCardinality(String),
    level LowCardinality(String) DEFAULT 'report' COMMENT 'report, or digest: for the daily digest only',
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    calls UInt64,
    expected Nullable(Float64),
    actual Nullable(Float64),
    unit LowCardinality(String) COMMENT 'of expected and actual',
    ratio Nullable(Float64),
    cost_usd Nullable(Decimal(38, 12)),
    excess_usd Nullable(Decimal(38, 12)),
    cause LowCardinality(String) COMMENT 'the largest part of the excess',
    parts Map(LowCardinality(String), Decimal(38, 12)) COMMENT 'of excess_usd: they add up to it',
    evidence String,
    worst_record_id String,
    worst_trace_id String,
    logged_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(logged_at)
PARTITION BY toYYYYMM(detected_at)
ORDER BY (toStartOfHour(detected_at), anomaly_id)
TTL toDateTime(detected_at) + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
