-- The records of one id: a record's own, its span's, its reply's or its trace's. Source: calls.
SELECT
    ts, record_id, span_id, trace_id, response_id, batch_id,
    service, environment, feature, feature_source, user_id, session_id, call_site,
    operation, provider, request_model, model, mode, price_context, price_geo, replies,
    input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, cache_write_long_tokens,
    output_tokens, reasoning_tokens, usage_items,
    cost_status, cost_reason, price_version, cost_usd, contracted_cost_usd, reported_cost_usd,
    finish_reason, error_type, stream_outcome, duration_ms, ttft_ms, attempts_unmetered, source
FROM llmcost.calls
WHERE record_id = {id:String} OR span_id = {id:String} OR response_id = {id:String} OR trace_id = {id:String}
ORDER BY ts, record_id
LIMIT {limit:UInt32}
