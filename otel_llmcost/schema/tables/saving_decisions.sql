-- Grain: one row per decision on a saving: that a lever was pulled for a feature and model, or was not after all. The newest
-- of a lever, environment, feature, provider and model counts.
-- Source: the page, `otel-llmcost savings done` and `savings undo`. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.saving_decisions ${on_cluster}
(
    decided_at DateTime64(3, 'UTC') DEFAULT now64(3),
    decided_by String,
    decision LowCardinality(String) COMMENT 'done or undone',
    lever LowCardinality(String),
    environment LowCardinality(String),
    feature String,
    provider LowCardinality(String),
    model LowCardinality(String),
    change String COMMENT 'what was to be changed',
    cost_usd_per_month Nullable(Decimal(38, 12)) COMMENT 'of the calls that the lever concerns, before',
    saving_usd_per_month Nullable(Decimal(38, 12)) COMMENT 'what was predicted',
    saving_low_usd_per_month Nullable(Decimal(38, 12)) COMMENT 'at the least',
    note String
)
ENGINE = ${replicated}ReplacingMergeTree
ORDER BY (lever, environment, feature, provider, model, decided_at)
SETTINGS ${dedup_window}
