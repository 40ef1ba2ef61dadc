-- One row per trace: the fifteen dearest.
SELECT
    trace_id,
    min(ts) AS began_at,
    any(feature) AS feature_name,
    count() AS call_count,
    sum(cost_usd) AS total_usd,
    countIf(cost_usd IS NULL) AS unpriced_count,
    sum(input_tokens) AS input_count,
    sum(output_tokens) AS output_count
FROM llmcost.calls
WHERE $__timeFilter(ts) AND trace_id != ''
    AND ${filters}
GROUP BY trace_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
