-- Grain: one row per whole hour, place (an environment; '*' is all of them together), feature and model ('*': all): what is
-- normal, computed from the hours of the week before that are not unusual. Retention: ${raw_ttl_days} days.
-- Source: watched_hours, by query detect_norms, before the first detection of an hour.
CREATE TABLE IF NOT EXISTS llmcost.feature_norms ${on_cluster}
(
    as_of DateTime('UTC'),
    place LowCardinality(String) COMMENT 'an environment, or * for all',
    feature LowCardinality(String),
    model LowCardinality(String),
    age UInt32 COMMENT 'hours since the first call of the feature in this place, 192 at most',
    hours UInt64 COMMENT 'with calls, and normal',
    calls UInt64,
    used_calls UInt64 COMMENT 'with tokens',
    log_input Float64 COMMENT 'ln(1 + input tokens) of a call: mean',
    log_output Float64,
    input_tokens Float64 COMMENT 'of a call',
    output_tokens Float64 COMMENT 'of a call',
    read_share Float64 COMMENT 'of input tokens',
    truncated_share Float64,
    trouble_share Float64 COMMENT 'failed or repeated attempts per call',
    fingerprinted_hours UInt64,
    fingerprinted_calls UInt64,
    repeated_share Float64 COMMENT 'of fingerprinted calls',
    most_per_trace UInt64,
    most_per_scope UInt64,
    most_per_session UInt64,
    most_input_tokens UInt64 COMMENT 'of a call',
    most_output_tokens UInt64,
    cost_hours UInt64,
    cost_calls UInt64 COMMENT 'that cost something',
    usd Nullable(Float64) COMMENT 'of a call; like input and output NULL where nothing is priced',
    input_usd Nullable(Float64) COMMENT 'of a call',
    output_usd Nullable(Float64) COMMENT 'of a call',
    most_call_usd Float64,
    request_models Array(LowCardinality(String)) COMMENT 'what was requested',
    service_version LowCardinality(String) COMMENT 'the newest',
    prefix_fingerprint String COMMENT 'of the newest hour',
    computed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(computed_at)
PARTITION BY toDate(as_of)
ORDER BY (as_of, place, feature, model)
TTL toDateTime(computed_at) + INTERVAL ${raw_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
