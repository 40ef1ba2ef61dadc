-- Grain: as before.
-- Source: as before.
DROP TABLE IF EXISTS llmcost.anomaly_acks ${on_cluster} SYNC
