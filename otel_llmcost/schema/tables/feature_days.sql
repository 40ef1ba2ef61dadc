-- Grain: one row per environment, feature, model and day before a whole hour (`day` 0 is the last 24 hours), of five
-- weeks: what grows slowly, or is seldom called, is compared with. Only the newest is kept.
-- Source: feature_hours, by query detect_days, before the first detection of an hour.
CREATE TABLE IF NOT EXISTS llmcost.feature_days ${on_cluster}
(
    as_of DateTime('UTC'),
    environment LowCardinality(String),
    feature LowCardinality(String),
    model LowCardinality(String),
    day UInt8,
    started_at DateTime('UTC') COMMENT 'first hour with calls',
    last_hour DateTime('UTC') COMMENT 'last hour with calls',
    is_tagged UInt8,
    calls UInt64,
    used_calls UInt64 COMMENT 'with tokens',
    log_input Float64 COMMENT 'sum of ln(1 + input tokens)',
    log_output Float64,
    input_tokens UInt64,
    cache_read_tokens UInt64,
    output_tokens UInt64,
    usd Nullable(Float64),
    input_usd Float64,
    output_usd Float64,
    service_version LowCardinality(String),
    worst Tuple(String, String) COMMENT 'record and trace of the most expensive call',
    computed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(computed_at)
ORDER BY (environment, feature, model, day)
SETTINGS ${dedup_window}
