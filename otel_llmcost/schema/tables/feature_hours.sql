-- Grain: one row per hour, environment, feature, model and rebuild: what detectors compare. Only rows of an
-- hour's newest rebuild count. A size is floor(4 * log2(1 + tokens)): a quarter of an octave.
-- Source: calls, by query detect_hours, before every detection. Retention: ${rollup_ttl_days} days.
-- Shard: cityHash64(hour)
CREATE TABLE IF NOT EXISTS llmcost.feature_hours ${on_cluster}
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    request_models Array(LowCardinality(String)) COMMENT 'what was requested, five at most' CODEC(ZSTD(1)),
    service_version LowCardinality(String) COMMENT 'of the newest call' CODEC(ZSTD(1)),
    is_tagged UInt8 COMMENT '0 when the feature is only known by its call site, or not at all' CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    used_calls UInt64 COMMENT 'with tokens: what the sums of logarithms are over' CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 COMMENT 'cost unknown' CODEC(T64, ZSTD(1)),
    truncated_calls UInt64 COMMENT 'ended at the token limit' CODEC(T64, ZSTD(1)),
    retried_calls UInt64 COMMENT 'replies to a request that was sent before' CODEC(T64, ZSTD(1)),
    resends UInt64 COMMENT 'attempts beyond the first, billed or not' CODEC(T64, ZSTD(1)),
    fingerprinted_calls UInt64 CODEC(T64, ZSTD(1)),
    repeated_calls UInt64 COMMENT 'fingerprinted calls beyond the first of each request' CODEC(T64, ZSTD(1)),
    prefix_fingerprint String COMMENT 'the most frequent one' CODEC(ZSTD(1)),
    most_per_trace UInt64 COMMENT 'calls of the busiest trace' CODEC(T64, ZSTD(1)),
    most_per_scope UInt64 CODEC(T64, ZSTD(1)),
    most_per_session UInt64 CODEC(T64, ZSTD(1)),
    uncached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 COMMENT 'a part of output_tokens' CODEC(T64, ZSTD(1)),
    input_sizes Map(UInt8, UInt32) COMMENT 'calls with tokens by the size of their input' CODEC(ZSTD(1)),
    output_sizes Map(UInt8, UInt32) COMMENT 'and of their output' CODEC(ZSTD(1)),
    log_input Float64 COMMENT 'sum of ln(1 + input tokens)',
    log_output Float64,
    most_input_tokens UInt64 COMMENT 'of a call' CODEC(T64, ZSTD(1)),
    most_output_tokens UInt64 CODEC(T64, ZSTD(1)),
    log_cost Float64 COMMENT 'sum of ln(cost) over calls that cost something',
    log_cost_sq Float64,
    cost_calls UInt64 COMMENT 'calls that cost something' CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_input_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_read_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_write_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_output_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_tools_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    retried_usd Nullable(Decimal(38, 12)) COMMENT 'what retried_calls cost' CODEC(ZSTD(1)),
    truncated_usd Nullable(Decimal(38, 12)) COMMENT 'what truncated_calls cost' CODEC(ZSTD(1)),
    max_call_cost_usd Nullable(Decimal(18, 12)) CODEC(ZSTD(1)),
    busiest_trace_id String COMMENT 'the trace of most_per_trace' CODEC(ZSTD(1)),
    worst_record_id String COMMENT 'the most expensive call, else the longest' CODEC(ZSTD(1)),
    worst_trace_id String CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    has_sizes UInt8 COMMENT '0: rebuilt before there were sizes' CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(rebuilt_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, environment, feature, model)
TTL hour + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
