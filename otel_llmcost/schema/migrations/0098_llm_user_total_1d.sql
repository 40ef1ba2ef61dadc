-- Grain: one row per day, user, environment and rebuild; plus one marker row (calls = 0,
-- every name empty) per rebuilt day. Only rows of a day's newest rebuild count.
-- Source: view user_total_days_rebuilt, appended at refreshes once a day is over and quiet: whole days, from de-duplicated
-- records; never summed incrementally. Read it through user_totals. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.llm_user_total_1d ${on_cluster}
(
    day Date CODEC(Delta(2), ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, user_id, environment)
TTL day + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
