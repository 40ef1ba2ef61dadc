-- One row per model without a price and the reason: what is missing from the dollars.
SELECT
    provider, model, cost_reason, sum(s.calls) AS calls, sum(s.input_tokens) AS input_count, sum(s.output_tokens) AS output_count,
    max(s.last_ts) AS last_seen
FROM llmcost.finish_reasons(since = ${since}, until = ${until}, step = 86400) AS s
WHERE is_unpriced
    AND ${filters}
GROUP BY provider, model, cost_reason
ORDER BY calls DESC
LIMIT 20
