-- One row per requested model and another one that answered. A dated name of the same model is not another one.
SELECT
    request_model, model, sum(s.calls) AS calls, sum(s.cost_usd) AS total_usd, min(s.first_ts) AS first_seen,
    argMax(s.record_id, s.last_ts) AS record_id
FROM llmcost.finish_reasons(since = ${since}, until = $__toTime, step = 86400) AS s
WHERE request_model != '' AND model != '' AND NOT startsWith(model, request_model)
    AND ${filters}
GROUP BY request_model, model
ORDER BY calls DESC
LIMIT 20
