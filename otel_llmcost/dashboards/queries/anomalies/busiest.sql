-- One row per trace and per session with most calls in the chosen incident. Many calls in one are often a loop.
WITH ${incident} AS chosen
SELECT
    one.1 AS unit,
    if(unit = 'trace', one.2, '') AS trace_id,
    if(unit = 'session', one.2, '') AS session_id,
    min(c.ts) AS began_at,
    count() AS call_count,
    dateDiff('second', began_at, max(c.ts)) AS seconds,
    sum(c.cost_usd) AS total_usd
FROM llmcost.calls AS c
ARRAY JOIN [('trace', c.trace_id), ('session', c.session_id)] AS one
WHERE environment = chosen.environment AND feature = chosen.feature AND ts >= chosen.start AND ts <= chosen.until AND one.2 != ''
GROUP BY one
HAVING call_count > 1
ORDER BY call_count DESC, total_usd DESC NULLS LAST
LIMIT 15
