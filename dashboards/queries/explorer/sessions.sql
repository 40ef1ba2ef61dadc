-- One row per session: the twenty dearest, of one user or all. unit_figures knows the twenty dearest of each day; only their
-- calls are read.
WITH candidates AS
(
    SELECT one.2 AS id
    FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
    ARRAY JOIN dearest AS one
    WHERE unit = 'session' AND ${units}
    GROUP BY id
    ORDER BY sum(one.1) DESC NULLS LAST
    LIMIT 40
)
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
    AND (${user_id:singlequote} = '' AND session_id IN (SELECT id FROM candidates) OR user_id = ${user_id:singlequote} AND user_id != '')
    AND ${filters}
GROUP BY session_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 20
