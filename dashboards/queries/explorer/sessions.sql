-- One row per session: the twenty dearest.
SELECT
    session_id,
    any(user_id) AS who,
    min(ts) AS began_at,
    count() AS call_count,
    uniqExact(trace_id) AS traces,
    sum(cost_usd) AS total_usd,
    countIf(cost_usd IS NULL) AS unpriced_count
FROM llmcost.calls
WHERE $__timeFilter(ts) AND session_id != ''
    AND (${user_id:singlequote} = '' OR user_id = ${user_id:singlequote})
    AND ${filters}
GROUP BY session_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 20
