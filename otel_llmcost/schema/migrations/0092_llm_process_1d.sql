-- Grain: one row per day, environment, service, process and rebuild; plus one marker row (records = 0, every name
-- empty) per rebuilt day. Only rows of a day's newest rebuild count.
-- Source: view process_days_rebuilt, appended at refreshes once a day is over and quiet: whole days, from de-duplicated
-- records; never summed incrementally. Read it through trust. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.llm_process_1d ${on_cluster}
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    process String COMMENT 'of ours; empty for records without a sequence' CODEC(ZSTD(1)),
    records UInt64 COMMENT 'all that arrived' CODEC(T64, ZSTD(1)),
    calls UInt64 COMMENT 'those that count' CODEC(T64, ZSTD(1)),
    foreign_records UInt64 CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    partial_calls UInt64 CODEC(T64, ZSTD(1)),
    tagged_calls UInt64 CODEC(T64, ZSTD(1)),
    early_records UInt64 CODEC(T64, ZSTD(1)),
    late_records UInt64 CODEC(T64, ZSTD(1)),
    max_lag_s Nullable(Float64),
    double_counted_by Array(String),
    newest UInt64 COMMENT 'highest sequence number' CODEC(T64, ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(rebuilt_at)
PARTITION BY toYYYYMM(day)
ORDER BY (day, environment, service, process)
TTL day + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
