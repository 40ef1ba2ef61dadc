-- One row per incident of the last three days: dollars beyond the norm while it is open, at least a millionth where they
-- are not known; 0 when it is closed, acknowledged, expected, muted or only for the digest. Its kind and model are those
-- it began with: a label that changed would be another alert.
SELECT
    i.incident_id AS incident_id, i.environment AS environment, i.feature AS feature,
    any(l.kind) AS kind, any(l.model) AS model, toString(toUnixTimestamp(any(i.start) - INTERVAL 1 DAY) * 1000) AS since_ms,
    if(any(i.state) = 'open' AND any(i.level) = 'report', greatest(0.000001, ifNull(toFloat64(any(i.excess_usd)), 0)), 0) AS excess_usd
FROM llmcost.incidents AS i
LEFT JOIN llmcost.anomalies AS l ON l.anomaly_id = i.incident_id
WHERE i.last_seen_at >= $__toTime - INTERVAL 3 DAY
GROUP BY incident_id, environment, feature
ORDER BY incident_id
LIMIT 1000
