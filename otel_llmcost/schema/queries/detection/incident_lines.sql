-- Lines of the given incidents, and anomalies of the day before a moment that are in none: one row per anomaly.
SELECT
    l.anomaly_id AS anomaly_id, i.incident_id AS incident_id, l.kind AS kind, l.level AS level,
    l.environment AS environment, l.feature AS feature, l.model AS model,
    l.started_at AS started_at, l.detected_at AS detected_at, l.ended_at AS ended_at,
    l.calls AS calls, l.expected AS expected, l.actual AS actual, l.unit AS unit, l.evidence AS evidence,
    l.excess_usd AS excess_usd, l.cause AS cause, l.parts AS parts,
    l.worst_record_id AS worst_record_id, l.worst_trace_id AS worst_trace_id
FROM (SELECT * FROM llmcost.anomaly_log FINAL WHERE evidence != '') AS l
LEFT JOIN (SELECT DISTINCT arrayJoin(anomaly_ids) AS anomaly_id, incident_id FROM llmcost.incident_log FINAL) AS i
    ON l.anomaly_id = i.anomaly_id
WHERE l.detected_at < {now:DateTime('UTC')} + INTERVAL 1 SECOND
    AND (i.incident_id IN {incident_ids:Array(String)}
        OR i.incident_id = '' AND l.ended_at >= {now:DateTime('UTC')} - INTERVAL 1 DAY)
ORDER BY started_at, detected_at, anomaly_id
