-- Grain: $grain One set of rows per build of a $bucket; the newest build counts.
-- A build has one row more, is_marker: it says that the $bucket was built, also where it has no calls.
-- Source: ${rollup}__live, a whole $bucket at a time, from de-duplicated records; never summed incrementally, because a
-- replay would be added again. Read it through $rollup. Retention: $retention days.
-- Shard: cityHash64($bucket)
CREATE TABLE IF NOT EXISTS llmcost.${rollup}__rows ${on_cluster}
(
$columns,
    is_marker UInt8 CODEC(ZSTD(1)),
    built_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}$engine
PARTITION BY toYYYYMM($bucket)
ORDER BY ($key, is_marker)
TTL $bucket + INTERVAL $retention DAY
SETTINGS ${settings}ttl_only_drop_parts = 1, ${dedup_window}
