-- What detection found about one trace: one row per anomaly whose worst call is in it. Source: anomalies.
SELECT kind, evidence, incident_id, excess_usd
FROM llmcost.anomalies
WHERE worst_trace_id = {trace:String}
ORDER BY start, kind
LIMIT {limit:UInt32}
