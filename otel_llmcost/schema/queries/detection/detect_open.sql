-- Anomalies that what is found goes on with: those seen in the last six hours, and those with the given ids, which are found
-- again as they began.
SELECT anomaly_id, detected_at, kind, level, environment, feature, started_at, ended_at, excess_usd
FROM llmcost.anomaly_log FINAL
WHERE ended_at <= {now:DateTime('UTC')} AND (ended_at >= {now:DateTime('UTC')} - INTERVAL 6 HOUR OR anomaly_id IN {ids:Array(String)})
ORDER BY ended_at, anomaly_id
