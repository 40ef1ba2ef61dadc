-- Grain: one row per acknowledged anomaly; the newest acked_at counts.
-- Source: `otel-llmcost anomalies ack`. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.anomaly_acks ${on_cluster}
(
    anomaly_id String,
    acked_by String,
    note String,
    acked_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(acked_at)
ORDER BY anomaly_id
SETTINGS ${dedup_window}
