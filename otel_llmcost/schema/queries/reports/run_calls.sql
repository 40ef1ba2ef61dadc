-- The calls of one run in order of time: one row per call, of a trace, session, conversation or feature() scope. Source: calls.
-- Runs as it stands; reports/runs.py puts its own expression between the markers (`id`).
SELECT
    c.ts AS ts, c.record_id AS record_id, c.trace_id AS trace_id, c.span_id AS span_id, c.parent_span_id AS parent_span_id,
    c.operation AS operation, c.model AS model, c.feature AS feature, c.agent_name AS agent, c.call_site AS call_site,
    c.user_id AS user, c.session_id AS session, c.environment AS environment, c.service AS service,
    c.input_tokens AS input_tokens, c.uncached_input_tokens AS uncached_input_tokens, c.cache_read_tokens AS cache_read_tokens,
    c.cache_write_tokens AS cache_write_tokens, c.output_tokens AS output_tokens, c.cost_usd AS cost_usd, c.cost_reason AS reason,
    c.duration_ms AS duration_ms, c.error_type AS error, c.resend_count AS retries, c.request_fingerprint AS request_fingerprint,
    c.source AS source
FROM llmcost.calls AS c
WHERE /* id */ c.trace_id /* id */ = {run:String}
ORDER BY ts, record_id
LIMIT {limit:UInt32}
