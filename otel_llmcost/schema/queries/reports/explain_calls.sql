-- The records of one id, which is a record's own, or its span's, its reply's or its trace's. Source: calls.
-- Runs as it stands; reports/explain.py puts the column between the markers (`id`): of one column at a time, an index is used.
SELECT
    ts, record_id, span_id, trace_id, response_id, batch_id,
    service, service_version, environment, feature, feature_source, team, user_id, session_id, allocation, agent_name, call_site,
    operation, provider, request_model, model, mode, price_context, price_geo, replies,
    input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, cache_write_long_tokens,
    output_tokens, reasoning_tokens, usage_items,
    cost_status, cost_reason, price_version, cost_usd, contracted_cost_usd, reported_cost_usd,
    finish_reason, error_type, stream_outcome, duration_ms, ttft_ms, resend_count, attempts_unmetered, source
FROM llmcost.calls
WHERE /* id */ record_id /* id */ = {id:String}
ORDER BY ts, record_id
LIMIT {limit:UInt32}
