-- Anomalies that are open, or that ended within a day: one row each. Source: anomalies.
SELECT
    anomaly_id, start, end, environment, feature, model, kind, evidence, excess_usd, cause,
    worst_record_id, worst_trace_id, state
FROM llmcost.anomalies
WHERE state IN ('open', 'closed') AND ifNull(end, now()) >= {now:DateTime('UTC')} - INTERVAL 1 DAY
ORDER BY start, anomaly_id
