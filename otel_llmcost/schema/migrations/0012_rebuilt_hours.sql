-- Grain: one row per hour that was ever rebuilt: its newest rebuild, the only one that counts.
-- Source: llm_cost_1h by way of rebuilt_hours_from_rollup. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.rebuilt_hours ${on_cluster}
(
    hour DateTime('UTC'),
    rebuilt_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY hour
TTL hour + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ${dedup_window}
