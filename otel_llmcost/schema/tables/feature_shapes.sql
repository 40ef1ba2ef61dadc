-- Grain: one row per place (an environment; '*' is all of them together), feature and model ('*': all): how large calls
-- were in each six hours of the eight days before a whole hour, and in single hours at its time of day, without hours that
-- are unusual. Only the newest is kept.
-- Source: watched_hours, by query detect_shapes, before the first detection of an hour.
CREATE TABLE IF NOT EXISTS llmcost.feature_shapes ${on_cluster}
(
    as_of DateTime('UTC'),
    place LowCardinality(String) COMMENT 'an environment, or * for all',
    feature LowCardinality(String),
    model LowCardinality(String),
    input_blocks Array(Map(UInt8, UInt32)) COMMENT 'calls by size, as input_sizes of feature_hours has them',
    output_blocks Array(Map(UInt8, UInt32)),
    computed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(computed_at)
ORDER BY (place, feature, model)
SETTINGS ${dedup_window}
