-- What some runs of a range were: one row per trace, session, conversation or feature() scope, over its selected calls.
-- `hours` (Unix time) are those that hold a call of them: the calls of no other hour are read. Source: calls.
-- Runs as it stands; reports/runs.py puts its own expressions between the markers (`id`, `only`).
SELECT
    /* id */ c.trace_id /* id */ AS run_id,
    min(c.ts) AS first_ts,
    max(c.ts + toIntervalMillisecond(c.duration_ms)) AS last_ts,
    dateDiff('millisecond', first_ts, last_ts) AS duration_ms,
    argMin(c.feature, (c.ts, c.record_id)) AS feature,
    uniqExact(c.feature) AS features,
    arraySort(groupUniqArray(5)(c.model)) AS models,
    argMin(c.user_id, (c.user_id = '', c.ts, c.record_id)) AS user,
    count() AS calls,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND toUnixTimestamp(toStartOfHour(c.ts)) IN {hours:Array(UInt32)}
    AND /* id */ c.trace_id /* id */ IN {runs:Array(String)}
    AND /* only */ 1 /* only */
GROUP BY run_id
