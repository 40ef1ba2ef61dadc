-- One row per call: the twenty most expensive of this range, of the twenty most expensive of each day, feature and model; only they are read.
WITH candidates AS
(
    SELECT one.ts AS ts, one.record_id AS record_id
    FROM llmcost.daily_calls(since = ${since}, until = ${until})
    ARRAY JOIN top_by_cost AS one
    WHERE one.ts >= ${since} AND one.ts < ${until}
        AND ${filters}
    ORDER BY one.cost_usd DESC, ts DESC
    LIMIT 20
)
SELECT
    ts AS called_at, feature, model, cost_usd, input_tokens, cache_read_tokens, output_tokens,
    duration_ms, user_id, call_site, record_id
FROM llmcost.calls
WHERE ${range} AND (toStartOfHour(ts), record_id) IN (SELECT toStartOfHour(ts), record_id FROM candidates)
ORDER BY cost_usd DESC, called_at DESC
LIMIT 20
