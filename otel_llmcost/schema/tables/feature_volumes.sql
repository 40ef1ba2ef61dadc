-- Grain: one row per environment and feature, as of a whole hour: how many calls are normal, of the eight days before that
-- are not unusual. Hours without calls count as none. Only the newest is kept.
-- Source: watched_hours, unusual_hours, by query detect_volumes, before the first detection of an hour.
CREATE TABLE IF NOT EXISTS llmcost.feature_volumes ${on_cluster}
(
    as_of DateTime('UTC'),
    environment LowCardinality(String),
    feature LowCardinality(String),
    age UInt32 COMMENT 'hours since the first call, 192 at most',
    hours UInt64 COMMENT 'that count, with calls or without',
    called_hours UInt64,
    calls UInt64,
    hourly Float64 COMMENT 'calls of an hour',
    spread Float64 COMMENT 'standard deviation of it, at least that of chance',
    most UInt64 COMMENT 'calls of the fullest hour',
    fullest Map(UInt8, UInt64) COMMENT 'calls of the fullest 1, 2, 3 and 6 hours',
    by_hour Map(UInt8, Float64) COMMENT 'calls of each hour of the day (UTC)',
    call_usd Nullable(Float64),
    day_usd Nullable(Float64) COMMENT 'USD of a day',
    computed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(computed_at)
ORDER BY (environment, feature)
SETTINGS ${dedup_window}
