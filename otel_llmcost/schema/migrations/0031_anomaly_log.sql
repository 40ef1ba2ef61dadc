-- Grain: unchanged; an anomaly lasts, has a reason, and its excess has parts.
-- Source: `otel-llmcost serve`, by the queries detect_*.
ALTER TABLE llmcost.anomaly_log ${on_cluster}
    ADD COLUMN IF NOT EXISTS started_at DateTime('UTC') COMMENT 'first hour of the window it was first seen in',
    ADD COLUMN IF NOT EXISTS ended_at DateTime64(3, 'UTC') COMMENT 'when it was last seen',
    ADD COLUMN IF NOT EXISTS calls UInt64,
    ADD COLUMN IF NOT EXISTS expected Nullable(Float64),
    ADD COLUMN IF NOT EXISTS actual Nullable(Float64),
    ADD COLUMN IF NOT EXISTS unit LowCardinality(String) COMMENT 'of expected and actual',
    ADD COLUMN IF NOT EXISTS evidence String,
    ADD COLUMN IF NOT EXISTS cause LowCardinality(String) COMMENT 'the largest part of the excess',
    ADD COLUMN IF NOT EXISTS parts Map(LowCardinality(String), Decimal(38, 12)) COMMENT 'of excess_usd: they add up to it'
