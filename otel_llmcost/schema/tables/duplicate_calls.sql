-- Grain: one row per record that reports again, from another emitter, a reply that is already counted.
-- Source: view duplicates_found, appended at every refresh; empty unless two emitters exist.
-- The view `calls` leaves these records out. Retention: ${calls_ttl_days} days.
-- Shard: cityHash64(record_id)
CREATE TABLE IF NOT EXISTS llmcost.duplicate_calls ${on_cluster}
(
    ts DateTime64(3, 'UTC') COMMENT 'of the record left out' CODEC(Delta(8), ZSTD(1)),
    record_id String COMMENT 'the record left out' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'who emitted it' CODEC(ZSTD(1)),
    response_id String CODEC(ZSTD(1)),
    kept_record_id String COMMENT 'the record that counts' CODEC(ZSTD(1)),
    kept_source LowCardinality(String) CODEC(ZSTD(1)),
    found_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(found_at)
PARTITION BY toYYYYMM(ts)
ORDER BY (toStartOfHour(ts), record_id)
TTL toDateTime(ts) + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
