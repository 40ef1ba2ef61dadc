-- All of one run, whenever it was: one row, of a trace, session, conversation or feature() scope. Source: calls.
-- Runs as it stands; reports/runs.py puts its own expression between the markers (`id`).
SELECT
    min(c.ts) AS first_ts,
    max(c.ts + toIntervalMillisecond(c.duration_ms)) AS last_ts,
    count() AS calls,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE /* id */ c.trace_id /* id */ = {run:String}
