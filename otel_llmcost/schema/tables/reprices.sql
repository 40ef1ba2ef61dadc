-- Grain: one row per run of `otel-llmcost reprice --apply` and day that it changed.
-- Source: `otel-llmcost reprice`. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.reprices ${on_cluster}
(
    reprice_id UInt32 COMMENT 'rank of the rows it wrote, in llm_calls.version',
    started_at DateTime64(3, 'UTC') DEFAULT now64(3),
    since DateTime64(3, 'UTC'),
    until DateTime64(3, 'UTC'),
    price_version LowCardinality(String),
    records UInt64,
    before_usd Nullable(Decimal(38, 12)),
    after_usd Nullable(Decimal(38, 12))
)
ENGINE = ${replicated}MergeTree
ORDER BY (started_at, reprice_id)
SETTINGS ${dedup_window}
