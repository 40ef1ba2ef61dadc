-- Grain: one row per request or group of records that was refused, without its content.
-- Source: `otel-llmcost serve`. Retention: ${calls_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.rejected ${on_cluster}
(
    ts DateTime64(3, 'UTC') DEFAULT now64(3),
    signal LowCardinality(String) COMMENT 'traces, logs or metrics',
    reason LowCardinality(String),
    records UInt64 COMMENT '0 when the body could not be read',
    bytes UInt64,
    service LowCardinality(String) DEFAULT '',
    environment LowCardinality(String) DEFAULT ''
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY ts
TTL toDateTime(ts) + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
