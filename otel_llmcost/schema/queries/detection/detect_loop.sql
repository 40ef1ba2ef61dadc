-- One trace, feature() scope or session makes many times the calls that any did in the past week: at least 30 in an
-- hour (25, if it is a trace) and three times the most, in whatever environment; 100 where there is no such past.
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.busiest_hour AS started_at, r.calls AS calls,
    toFloat64(most.2) AS expected, toFloat64(most.1) AS actual, concat('calls of one ', most.3, ' in an hour') AS unit,
    (actual - expected) * r.usd / r.calls AS excess,
    if(b.hours < 6, 'there is no past to compare with', '') AS why,
    r.busiest_hour AS last_hour,
    r.busiest.1 AS worst_record_id, r.busiest.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')}) AS r
LEFT JOIN
(
    SELECT feature, model, hours, most_per_trace, most_per_scope, most_per_session
    FROM llmcost.feature_norms FINAL
    WHERE as_of = toStartOfHour({now:DateTime('UTC')}) AND place = '*'
) AS b ON r.feature = b.feature AND r.model = b.model
ARRAY JOIN
[
    (r.most_per_trace, b.most_per_trace, 'trace'),
    (r.most_per_scope, b.most_per_scope, 'scope'),
    (r.most_per_session, b.most_per_session, 'session')
] AS most
WHERE r.w = 6 AND actual >= if(b.hours < 6, 100, greatest(if(most.3 = 'trace', 25, 30), 3 * expected))
    AND ifNull(excess >= r.needed_call_usd, true)
ORDER BY actual DESC, unit DESC
LIMIT 1 BY environment, feature, model
