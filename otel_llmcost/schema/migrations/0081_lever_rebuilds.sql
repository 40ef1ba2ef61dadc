-- Grain: one row per hour whose levers were ever rolled up: the newest time, the only one that counts.
-- Source: lever_1h by way of lever_rebuilds_from_rollup. Retention: ${calls_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.lever_rebuilds ${on_cluster}
(
    hour DateTime('UTC'),
    rebuilt_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY hour
TTL hour + INTERVAL ${calls_ttl_days} DAY
SETTINGS ${dedup_window}
