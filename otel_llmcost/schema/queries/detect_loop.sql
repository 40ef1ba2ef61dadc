-- One trace, feature() scope or session makes many times the calls that any did in the past week: at least 30 in an
-- hour and three times the most, in whatever environment; 100 where there is no such past.
WITH
    recent AS
    (
        SELECT
            environment, feature, model,
            argMax(h.hour, h.most_per_trace) AS started_at,
            sum(h.calls) AS calls,
            max(h.most_per_trace) AS per_trace, max(h.most_per_scope) AS per_scope, max(h.most_per_session) AS per_session,
            toFloat64(sum(h.cost_usd)) / calls AS usd,
            argMax((h.worst_record_id, if(h.busiest_trace_id != '', h.busiest_trace_id, h.worst_trace_id)), h.most_per_trace) AS worst
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE ago < 6
        GROUP BY environment, feature, model
    ),
    base AS
    (
        SELECT
            feature, model,
            uniqExact(h.hour) AS hours,
            max(h.most_per_trace) AS per_trace, max(h.most_per_scope) AS per_scope, max(h.most_per_session) AS per_session,
            medianExact(toFloat64(ifNull(h.cost_usd, 0))) AS hour_usd
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE is_normal
        GROUP BY feature, model
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    toFloat64(most.2) AS expected, toFloat64(most.1) AS actual, concat('calls of one ', most.3, ' in an hour') AS unit,
    (actual - expected) * r.usd AS excess,
    if(b.hours < 6, 'there is no past to compare with', '') AS why,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
LEFT JOIN base AS b ON r.feature = b.feature AND r.model = b.model
ARRAY JOIN [(r.per_trace, b.per_trace, 'trace'), (r.per_scope, b.per_scope, 'scope'), (r.per_session, b.per_session, 'session')] AS most
WHERE actual >= if(b.hours < 6, 100, greatest(30, 3 * expected))
    AND ifNull(excess >= greatest({floor_usd:Float64}, b.hour_usd / 4), true)
ORDER BY actual DESC, unit DESC
LIMIT 1 BY environment, feature, model
