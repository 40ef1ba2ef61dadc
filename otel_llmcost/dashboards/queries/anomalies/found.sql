-- One row per anomaly that went on in the range: the fifty newest, with dollars beyond the norm and the largest cause.
SELECT
    start AS began_at, state, kind, environment, feature, model, excess_usd AS excess, cause, evidence,
    worst_record_id AS record_id
FROM llmcost.anomalies
WHERE start <= $__toTime AND ifNull(end, now()) >= $__fromTime
    AND ${filters:environment,feature,model}
ORDER BY start DESC, excess DESC NULLS LAST, anomaly_id
LIMIT 50
