-- Grain: one row per hour, environment, service, feature, team, provider, model, operation, mode, call site
-- and rebuild; plus one marker row (calls = 0) per rebuilt hour. Only rows of an hour's newest rebuild count.
-- Source: view stale_hours_rebuilt, appended at every refresh: whole hours, from de-duplicated records; never
-- summed incrementally, because a replay would be added again. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.llm_cost_1h ${on_cluster}
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    operation LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    call_site LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    replies UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    uncached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_input_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_read_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_write_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_output_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_tools_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    contracted_cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    duration_ms_sum UInt64 CODEC(T64, ZSTD(1)),
    max_call_cost_usd Nullable(Decimal(18, 12)) CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(rebuilt_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, feature, model, environment, service, team, provider, operation, mode, call_site)
TTL hour + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
