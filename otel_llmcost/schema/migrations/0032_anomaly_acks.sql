-- Grain: unchanged; an expected anomaly is not told again while it lasts.
-- Source: `otel-llmcost anomalies ack`.
ALTER TABLE llmcost.anomaly_acks ${on_cluster}
    ADD COLUMN IF NOT EXISTS expected UInt8 DEFAULT 0
