-- Grain: one row per change that a person made: budgets, acknowledgements of incidents, decisions on savings.
-- Source: the page, `otel-llmcost budgets`, `incidents ack`, `savings done`, replies to the webhook. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.audit_log ${on_cluster}
(
    changed_at DateTime64(3, 'UTC') DEFAULT now64(3),
    change_id String,
    changed_by String,
    origin LowCardinality(String) COMMENT 'page, command line or webhook',
    action LowCardinality(String) COMMENT 'such as budget set',
    subject String COMMENT 'what was changed',
    before String COMMENT 'JSON; empty when there was none',
    after String COMMENT 'JSON; empty when there is none any more'
)
ENGINE = ${replicated}ReplacingMergeTree
ORDER BY (changed_at, change_id)
SETTINGS ${dedup_window}
