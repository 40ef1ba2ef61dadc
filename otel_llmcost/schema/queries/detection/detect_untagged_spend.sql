-- A place in the code that carries no feature() tag began to spend: nothing in the six days before its last day.
SELECT
    environment, feature, argMaxIf(h.model, h.calls, h.ago < 24) AS model,
    minIf(h.hour, h.ago < 24) AS started_at, sumIf(h.calls, h.ago < 24) AS calls,
    toFloat64(0) AS expected, toFloat64(sumIf(h.cost_usd, h.ago < 24)) AS actual, 'untagged USD in a day' AS unit,
    actual AS excess,
    'no feature() is around these calls' AS why,
    max(h.hour) AS last_hour,
    argMaxIf(h.worst_record_id, ifNull(h.max_call_cost_usd, 0), h.ago < 24) AS worst_record_id,
    argMaxIf(h.worst_trace_id, ifNull(h.max_call_cost_usd, 0), h.ago < 24) AS worst_trace_id
FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
WHERE NOT is_tagged
GROUP BY environment, feature
HAVING countIf(h.ago >= 24) = 0 AND calls >= 5 AND excess >= {floor_usd:Float64}
    -- With nothing recorded before that day, everything would be new.
    AND (SELECT max(h.ago) FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h) >= 48
