-- Grain: as before.
-- Source: as before.
ALTER TABLE llmcost.anomaly_log ${on_cluster}
    ADD COLUMN IF NOT EXISTS level LowCardinality(String) DEFAULT 'report' COMMENT 'report, or digest: for the daily digest only' AFTER kind
