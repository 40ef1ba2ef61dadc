-- One row per trace: the fifteen with most calls, of the twenty busiest of each day. Many calls in one trace are often a loop.
SELECT
    one.id AS trace_id,
    min(one.first_ts) AS began_at,
    any(one.feature) AS feature_name,
    sum(one.calls) AS call_count,
    dateDiff('second', began_at, max(one.last_ts)) AS seconds,
    sum(one.cost_usd) AS total_usd,
    max(one.longest_prompt) AS longest_prompt
FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
ARRAY JOIN busiest AS one
WHERE unit = 'trace' AND ${units}
GROUP BY trace_id
HAVING call_count > 1
ORDER BY call_count DESC, total_usd DESC NULLS LAST
LIMIT 15
