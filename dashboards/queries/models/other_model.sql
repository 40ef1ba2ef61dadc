-- One row per model asked for and another one that answered. A dated name of the same model is not another one.
SELECT request_model, model, count() AS calls, sum(cost_usd) AS total_usd, min(ts) AS first_seen, any(record_id) AS record_id
FROM llmcost.calls
WHERE $__timeFilter(ts) AND request_model != '' AND model != '' AND NOT startsWith(model, request_model)
    AND ${filters}
GROUP BY request_model, model
ORDER BY calls DESC
LIMIT 20
