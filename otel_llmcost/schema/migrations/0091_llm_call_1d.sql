-- Grain: one row per day, environment, service, feature, team, provider, model and rebuild; plus one marker row
-- (calls = 0, every name empty) per rebuilt day. Only rows of a day's newest rebuild count.
-- Source: view call_days_rebuilt, appended at refreshes once a day is over and quiet: whole days, from de-duplicated
-- records; never summed incrementally. Read it through call_figures. Retention: ${rollup_ttl_days} days.
-- The sketches tell the median and the 95th percentile to within half a per cent.
CREATE TABLE IF NOT EXISTS llmcost.llm_call_1d ${on_cluster}
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    retried_calls UInt64 COMMENT 'needed more than one attempt' CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    wasted_usd Nullable(Decimal(38, 12)) COMMENT 'of calls that failed, were abandoned or cut off' CODEC(ZSTD(1)),
    plain_input_usd Nullable(Decimal(38, 12)) COMMENT 'of uncached_tokens' CODEC(ZSTD(1)),
    output_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    uncached_tokens UInt64 COMMENT 'of priced calls' CODEC(T64, ZSTD(1)),
    output_tokens UInt64 COMMENT 'of priced calls' CODEC(T64, ZSTD(1)),
    cost_classes Array(UInt64) COMMENT 'calls of unknown cost, free, below 0.0001 USD, and so on by powers of ten' CODEC(ZSTD(1)),
    cost_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    duration_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    ttft_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(rebuilt_at)
PARTITION BY toYYYYMM(day)
ORDER BY (day, feature, model, environment, service, team, provider)
TTL day + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
