-- Grain: as before.
-- Source: as before.
ALTER TABLE llmcost.anomaly_log ${on_cluster}
    COMMENT COLUMN ended_at 'end of the last hour that by itself showed it'
