-- Grain: one row per hour, environment, feature, model and rebuild of the calls with tokens; plus one marker row (calls = 0,
-- every name empty) per rebuilt day. Only rows of a day's newest rebuild count.
-- Source: view token_days_rebuilt, appended at refreshes once a day is over and quiet: whole days, from de-duplicated
-- records; never summed incrementally. Read it through token_hours. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.llm_token_1h ${on_cluster}
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
    longest_trace_id String CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, hour, feature, model, environment)
TTL day + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
