-- Grain: one row per receiver and notice: what was sent, or is still to be sent; the highest version counts.
-- Source: `otel-llmcost watch` and `otel-llmcost serve`. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.notices ${on_cluster}
(
    receiver String COMMENT 'hash of the address, which may hold a secret',
    notice_id String COMMENT 'says what it is about: the same thing is sent once',
    kind LowCardinality(String),
    state LowCardinality(String) COMMENT 'pending or sent',
    payload String COMMENT 'JSON as it is sent',
    attempts UInt32,
    next_try_at DateTime('UTC'),
    noticed_at DateTime('UTC'),
    version UInt64
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMM(noticed_at)
ORDER BY (receiver, notice_id)
TTL noticed_at + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
