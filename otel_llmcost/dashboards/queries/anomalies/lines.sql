-- One row per anomaly of the chosen incident, the most expensive first.
SELECT start AS began_at, kind, level, model, excess_usd AS excess, cause, evidence, worst_record_id AS record_id
FROM llmcost.anomalies
WHERE incident_id = ${typed:incident} AND incident_id != ''
ORDER BY excess DESC NULLS LAST, began_at
LIMIT 20
