-- Grain: one row per priced call; the reader orders by cost_usd and limits.
-- Source: calls.
CREATE OR REPLACE VIEW llmcost.top_calls ${on_cluster} AS
SELECT
    ts, environment, service, feature, model, user_id, session_id,
    input_tokens, output_tokens, cache_read_tokens, cost_usd, duration_ms,
    call_site, trace_id, span_id, record_id, response_id
FROM llmcost.calls
WHERE cost_usd IS NOT NULL
