-- One row per feature, model and operation: what a call of it costs.
SELECT
    feature, model, operation,
    sum(s.calls) AS call_count,
    sum(s.cost_usd) AS total_usd,
    toFloat64(total_usd) / nullIf(sum(s.priced_calls), 0) AS usd_per_call,
    sum(s.input_tokens) / nullIf(call_count, 0) AS input_per_call,
    sum(s.output_tokens) / nullIf(call_count, 0) AS output_per_call,
    sum(s.cache_read_tokens) / nullIf(sum(s.input_tokens), 0) AS hit_share,
    sum(s.errors) / nullIf(call_count, 0) AS error_share,
    max(s.max_call_cost_usd) AS highest_usd
FROM llmcost.hourly_spend AS s
WHERE ${hours}
    AND ${filters}
GROUP BY feature, model, operation
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 50
