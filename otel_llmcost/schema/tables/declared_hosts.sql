-- Grain: one row per declaration in LLMCOST_HOSTS: who bills at an address, for models whose name begins with model_prefix.
-- Source: the settings of the processes that refresh the store; the newest of an address and prefix counts.
-- Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.declared_hosts ${on_cluster}
(
    address String COMMENT 'host, or host:port',
    model_prefix String COMMENT 'empty = every model',
    provider LowCardinality(String),
    declared_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(declared_at)
ORDER BY (address, model_prefix)
SETTINGS ${dedup_window}
