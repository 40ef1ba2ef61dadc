-- One row per session: the twenty dearest, of one user or all. unit_figures knows the twenty dearest of each day; only their
-- calls are read.
WITH candidates AS
(
    SELECT one.2 AS id, min(one.3) AS first_hour, max(one.4) AS last_hour
    FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
    ARRAY JOIN dearest AS one
    WHERE unit = 'session' AND ${units}
    GROUP BY id
    ORDER BY sum(one.1) DESC NULLS LAST, id
    LIMIT 20
),
hours AS
(
    SELECT first_hour + toIntervalHour(arrayJoin(range(dateDiff('hour', first_hour, last_hour) + 1))) AS hour, id
    FROM candidates
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
    AND if(${user_id:singlequote} = '', (toStartOfHour(ts), session_id) IN (SELECT hour, id FROM hours), user_id = ${user_id:singlequote})
    AND ${filters}
GROUP BY session_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 20
