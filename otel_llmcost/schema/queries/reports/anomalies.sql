-- Anomalies that went on in a window, newest first: one row per feature and kind, from its first hour to its last.
-- Source: anomalies. reports/health.py puts conditions between the markers.
SELECT
    start, end, state, kind, environment, feature, model, calls, excess_usd, cause, evidence,
    toJSONString(parts) AS parts, anomaly_id, incident_id, level, worst_record_id, worst_trace_id
FROM llmcost.anomalies AS a
WHERE start < {until:DateTime64(3, 'UTC')} AND ifNull(end, now()) >= {since:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
    AND /* only */ 1 /* only */
ORDER BY start DESC, excess_usd DESC NULLS LAST, anomaly_id
LIMIT {limit:UInt32}
