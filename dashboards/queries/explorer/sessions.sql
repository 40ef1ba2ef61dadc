-- One row per session: the twenty dearest, of the twenty dearest of each day; of a user who was asked for, of all of theirs.
SELECT
    session_id, any(told_user) AS who, min(first_ts) AS began_at, sum(told_calls) AS call_count,
    sum(told_usd) AS total_usd, sum(told_unpriced) AS unpriced_count
FROM
(
    SELECT
        one.id AS session_id, one.user_id AS told_user, one.first_ts AS first_ts, one.calls AS told_calls,
        one.cost_usd AS told_usd, one.unpriced_calls AS told_unpriced
    FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
    ARRAY JOIN dearest AS one
    WHERE ${user_id:singlequote} = '' AND unit = 'session' AND ${units}
    UNION ALL
    SELECT session_id, any(user_id), min(ts), count(), sum(cost_usd), countIf(cost_usd IS NULL)
    FROM llmcost.calls
    WHERE $__timeFilter(ts) AND user_id = ${user_id:singlequote} AND user_id != '' AND session_id != ''
        AND ${filters}
    GROUP BY session_id
)
GROUP BY session_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 20
