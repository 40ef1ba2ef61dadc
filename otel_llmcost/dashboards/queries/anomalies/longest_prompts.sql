-- One row per call: the fifteen with most input tokens. daily_calls has those of each day; only they are read.
WITH candidates AS
(
    SELECT one.ts AS ts, one.record_id AS record_id
    FROM llmcost.daily_calls(since = ${since}, until = $__toTime)
    ARRAY JOIN top_by_input AS one
    WHERE one.ts >= $__fromTime AND one.input_tokens > 0
        AND ${filters}
    ORDER BY one.input_tokens DESC, ts
    LIMIT 15
)
SELECT
    ts AS called_at, feature, model, input_tokens, cache_read_tokens, output_tokens, cost_usd, record_id
FROM llmcost.calls
WHERE $__timeFilter(ts) AND (toStartOfHour(ts), record_id) IN (SELECT toStartOfHour(ts), record_id FROM candidates)
ORDER BY input_tokens DESC, called_at
LIMIT 15
