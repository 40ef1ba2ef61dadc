-- Grain: one row per acknowledgement of an incident; the newest acked_at of an incident counts.
-- Source: `otel-llmcost incidents ack`, the page, replies to the webhook. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.incident_acks ${on_cluster}
(
    incident_id String,
    acked_at DateTime64(3, 'UTC') DEFAULT now64(3),
    acked_by String,
    state LowCardinality(String) COMMENT 'acknowledged, expected or muted',
    note String,
    excess_usd Nullable(Decimal(38, 12)) COMMENT 'what it had cost by then'
)
ENGINE = ${replicated}ReplacingMergeTree
ORDER BY (incident_id, acked_at)
SETTINGS ${dedup_window}
