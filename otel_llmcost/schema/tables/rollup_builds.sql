-- Grain: one row per rollup and bucket (an hour, or a day at its midnight) that was ever built: its newest build, the only one
-- whose rows count. Without a row a bucket is computed from the records until it is built again.
-- Source: the rows of every rollup, by way of <rollup>__builds. Retention: ${rollup_ttl_days} days.
-- Shard: cityHash64(bucket)
CREATE TABLE IF NOT EXISTS llmcost.rollup_builds ${on_cluster}
(
    rollup LowCardinality(String),
    bucket DateTime('UTC'),
    built_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (rollup, bucket)
TTL bucket + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ${dedup_window}
