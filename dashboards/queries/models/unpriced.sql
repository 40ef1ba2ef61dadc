-- One row per model without a price and the reason: what is missing from the dollars.
SELECT provider, model, cost_reason, count() AS calls, sum(input_tokens) AS input_count, sum(output_tokens) AS output_count, max(ts) AS last_seen
FROM llmcost.calls
WHERE $__timeFilter(ts) AND cost_usd IS NULL
    AND ${filters}
GROUP BY provider, model, cost_reason
ORDER BY calls DESC
LIMIT 20
