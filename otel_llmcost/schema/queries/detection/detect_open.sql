-- Anomalies seen in the last six hours: what is found again goes on with them.
SELECT anomaly_id, detected_at, kind, level, environment, feature, started_at, ended_at, excess_usd
FROM llmcost.anomaly_log FINAL
WHERE ended_at >= {now:DateTime('UTC')} - INTERVAL 6 HOUR AND ended_at <= {now:DateTime('UTC')}
