-- One span of ours with every attribute the contract names becomes one row with every column set.
INSERT INTO llmcost.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration) VALUES
('2026-11-20 12:00:00.123456789', '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '00f067aa0ba902b7', 'shop',
 {'service.name': 'shop', 'service.version': '1.4', 'deployment.environment.name': 'prod'}, 'otel_llmcost',
 {'llmcost.record.id': '00c0ffee00c0ffee0000000000000001', 'llmcost.record.seq': '1', 'llmcost.scope.id': 'scope1', 'llmcost.feature': 'reply',
  'llmcost.allocation.team': 'docs', 'llmcost.allocation.customer': 'acme', 'user.id': 'u1', 'session.id': 's1', 'gen_ai.conversation.id': 'c1',
  'gen_ai.agent.name': 'helper', 'gen_ai.workflow.name': 'flow', 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-opus-5', 'gen_ai.response.model': 'claude-opus-5-20260901', 'gen_ai.request.max_tokens': '512', 'gen_ai.request.stream': 'true',
  'gen_ai.response.id': 'msg_1', 'gen_ai.response.finish_reasons': '["end_turn","stop"]', 'gen_ai.response.time_to_first_chunk': '0.2504',
  'gen_ai.usage.input_tokens': '1000', 'gen_ai.usage.output_tokens': '200', 'gen_ai.usage.cache_read.input_tokens': '700', 'gen_ai.usage.cache_write.input_tokens': '100',
  'gen_ai.usage.reasoning.output_tokens': '50', 'gen_ai.usage.cost.amount': '0.0416', 'gen_ai.usage.cost.currency': 'USD', 'gen_ai.usage.cost.source': 'local',
  'llmcost.cost.status': 'priced', 'llmcost.cost.input': '0.001', 'llmcost.cost.cache_read': '0.00035', 'llmcost.cost.cache_write': '0.0012', 'llmcost.cost.output': '0.005',
  'llmcost.cost.tools': '0.03405', 'llmcost.cost.contracted': '5.2e-05', 'llmcost.usage.input': '200', 'llmcost.usage.cache_write_1h': '40', 'llmcost.usage.audio_minute': '1.5',
  'llmcost.usage.items': '[{"model":"m","buckets":{"input":1}}]', 'llmcost.price.version': '2026-11-20', 'llmcost.price.mode': 'batch', 'llmcost.price.context': 'long', 'llmcost.price.geo': '1.1',
  'llmcost.stream.outcome': 'complete', 'llmcost.attempts_unmetered': '2', 'llmcost.batch.id': 'b1', 'llmcost.replies': '3', 'http.request.resend_count': '1',
  'llmcost.fingerprint.request': 'fr', 'llmcost.fingerprint.prefix': 'fp', 'server.address': 'api.anthropic.com', 'server.port': '8443', 'error.type': 'overloaded',
  'code.function.name': 'app.reply', 'code.file.path': 'app/reply.py', 'code.line.number': '42'}, 1500000000);
SELECT column, value FROM
(
    SELECT arrayJoin(tupleToNameValuePairs(CAST(tuple(toString(ts), record_id, trace_id, span_id, parent_span_id, scope_id, service, service_version, environment, feature, feature_source, team,
        user_id, session_id, conversation_id, agent_name, workflow_name, toString(allocation), operation, provider, request_model, model, mode, price_context, price_geo, finish_reason, error_type),
        'Tuple(ts String, record_id String, trace_id String, span_id String, parent_span_id String, scope_id String, service String, service_version String, environment String, feature String, feature_source String, team String,
        user_id String, session_id String, conversation_id String, agent_name String, workflow_name String, allocation String, operation String, provider String, request_model String, model String, mode String, price_context String, price_geo String, finish_reason String, error_type String)'))) AS pair,
        pair.1 AS column, pair.2 AS value
    FROM llmcost.calls
);
SELECT replies, input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, cache_write_long_tokens, output_tokens, reasoning_tokens, usage_items FROM llmcost.calls;
SELECT mapSort(other_usage)::String FROM llmcost.calls;
SELECT cost_usd, cost_input_usd, cost_cache_read_usd, cost_cache_write_usd, cost_output_usd, cost_tools_usd, contracted_cost_usd, reported_cost_usd FROM llmcost.calls;
SELECT cost_input_usd + cost_cache_read_usd + cost_cache_write_usd + cost_output_usd + cost_tools_usd - cost_usd FROM llmcost.calls;
SELECT cost_status, cost_reason, price_version, duration_ms, ttft_ms, max_tokens, stream_outcome, resend_count, attempts_unmetered FROM llmcost.calls;
SELECT batch_id, request_fingerprint, prefix_fingerprint, call_site, server_address, response_id, source, convention FROM llmcost.calls;
