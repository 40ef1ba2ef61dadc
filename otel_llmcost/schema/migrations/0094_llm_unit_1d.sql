-- Grain: one row per day, unit (run, session, user, customer, trace), environment, service, feature, team and rebuild, and
-- one per day, unit, environment and rebuild (`whole` = 1) of units taken as a whole; plus one marker row (units = 0, every
-- name empty) per rebuilt day. Only rows of a day's newest rebuild count. Never add up different units.
-- Source: view unit_days_rebuilt, appended at refreshes once a day is over and quiet: whole days, from de-duplicated
-- records; never summed incrementally. Read it through unit_figures. Retention: ${rollup_ttl_days} days.
-- The sketches tell the median and the 95th percentile to within half a per cent.
CREATE TABLE IF NOT EXISTS llmcost.llm_unit_1d ${on_cluster}
(
    day Date CODEC(Delta(2), ZSTD(1)),
    unit LowCardinality(String) CODEC(ZSTD(1)),
    whole UInt8 COMMENT '1: a unit''s part in every service, feature and team together' CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    units UInt64 COMMENT 'with calls on that day' CODEC(T64, ZSTD(1)),
    unknown_units UInt64 COMMENT 'none of whose calls is priced' CODEC(T64, ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    max_usd Nullable(Decimal(38, 12)) COMMENT 'of the dearest' CODEC(ZSTD(1)),
    cost_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) COMMENT 'of a unit whose cost is known' CODEC(ZSTD(1)),
    dearest Array(Tuple(id String, first_ts DateTime64(3, 'UTC'), last_ts DateTime64(3, 'UTC'), calls UInt64, unpriced_calls UInt64,
        cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, longest_prompt UInt64, feature String, user_id String)) COMMENT 'the twenty dearest sessions or traces' CODEC(ZSTD(1)),
    busiest Array(Tuple(id String, first_ts DateTime64(3, 'UTC'), last_ts DateTime64(3, 'UTC'), calls UInt64, unpriced_calls UInt64,
        cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, longest_prompt UInt64, feature String, user_id String)) COMMENT 'the twenty traces with most calls' CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (unit, whole, day, environment, feature, service, team)
TTL day + INTERVAL ${rollup_ttl_days} DAY
SETTINGS index_granularity = 256, ttl_only_drop_parts = 1, ${dedup_window}
