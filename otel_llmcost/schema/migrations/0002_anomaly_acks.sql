-- Grain: as before.
-- Source: as before. A store without the table gets an empty one, so that the next step can read it.
CREATE TABLE IF NOT EXISTS llmcost.anomaly_acks ${on_cluster}
(
    anomaly_id String,
    acked_by String,
    note String,
    expected UInt8 DEFAULT 0 COMMENT '1: it is not reported again while it lasts',
    acked_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(acked_at)
ORDER BY anomaly_id
SETTINGS ${dedup_window}
