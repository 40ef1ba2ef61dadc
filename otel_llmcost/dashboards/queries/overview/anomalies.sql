-- One row per anomaly that went on in the range: the ten that cost most beyond the norm, open ones first.
SELECT
    state, kind, feature, model, excess_usd AS excess, cause, evidence, worst_record_id AS record_id
FROM llmcost.anomalies
WHERE start <= $__toTime AND ifNull(end, now()) >= $__fromTime AND state != 'expected'
    AND ${filters:environment,feature,model}
ORDER BY state = 'open' DESC, excess DESC NULLS LAST, anomaly_id
LIMIT 10
