-- One row per trace: the fifteen dearest, of the twenty dearest of each day.
SELECT
    one.id AS trace_id,
    min(one.first_ts) AS began_at,
    any(one.feature) AS feature_name,
    sum(one.calls) AS call_count,
    sum(one.cost_usd) AS total_usd,
    sum(one.unpriced_calls) AS unpriced_count,
    sum(one.input_tokens) AS input_count,
    sum(one.output_tokens) AS output_count
FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
ARRAY JOIN dearest AS one
WHERE unit = 'trace' AND ${units}
GROUP BY trace_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
