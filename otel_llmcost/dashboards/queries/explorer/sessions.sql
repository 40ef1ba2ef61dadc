-- One row per session: the twenty most expensive, of the twenty most expensive of each day; of a requested user, of all of theirs.
-- All of their calls in the range count.
WITH candidates AS
(
    SELECT one.id AS id
    FROM llmcost.daily_units(since = ${since}, until = ${until})
    ARRAY JOIN top_by_cost AS one
    WHERE unit = 'session' AND ${units}
    GROUP BY id
    ORDER BY sum(one.cost_usd) DESC NULLS LAST, sum(one.calls) DESC
    LIMIT 20
)
SELECT
    session_id, any(call_user) AS who, min(call_ts) AS began_at, count() AS call_count,
    sum(call_usd) AS total_usd, countIf(call_usd IS NULL) AS unpriced_count
FROM
(
    SELECT session_id, user_id AS call_user, ts AS call_ts, cost_usd AS call_usd
    FROM llmcost.calls
    WHERE ${typed:user_id} = ''
        AND ${range} AND session_id IN (SELECT id FROM candidates)
        AND ${filters}
    UNION ALL
    SELECT session_id, user_id, ts, cost_usd
    FROM llmcost.calls
    WHERE ${range} AND user_id = ${typed:user_id} AND user_id != '' AND session_id != ''
        AND ${filters}
)
GROUP BY session_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 20
SETTINGS $__adHocFilters('llmcost.calls')
