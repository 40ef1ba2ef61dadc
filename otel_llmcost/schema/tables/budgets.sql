-- Grain: one row per budget (scope x value x period x start of validity); the newest updated_at counts.
-- Source: `otel-llmcost budgets`. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.budgets ${on_cluster}
(
    name String,
    scope LowCardinality(String) COMMENT 'total, environment, service, feature, team, model or user',
    scope_value String COMMENT 'empty for total',
    period LowCardinality(String) COMMENT 'day, week or month, UTC',
    amount_usd Decimal(18, 6),
    soft_percent UInt8 DEFAULT 80 COMMENT 'warn from this share on',
    action LowCardinality(String) DEFAULT 'warn' COMMENT 'warn or block: what applications with LLMCOST_BUDGETS=1 do when it is used up',
    valid_from Date DEFAULT toDate(now()),
    deleted UInt8 DEFAULT 0,
    updated_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(updated_at)
ORDER BY (scope, scope_value, period, valid_from)
SETTINGS ${dedup_window}
