-- One row per call in the chosen incident: the fifteen most expensive, then the longest of those of unknown cost.
WITH ${incident} AS chosen
SELECT
    ts AS called_at, model, cost_usd, input_tokens, cache_read_tokens, output_tokens, duration_ms, finish_reason, user_id, session_id,
    trace_id, record_id
FROM llmcost.calls
WHERE environment = chosen.environment AND feature = chosen.feature AND ts >= chosen.start AND ts <= chosen.until
ORDER BY cost_usd DESC NULLS LAST, input_tokens + output_tokens DESC, called_at
LIMIT 15
