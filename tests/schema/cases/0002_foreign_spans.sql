-- GenAI spans of other emitters count once each; spans that only repeat or picture a call do not count.
INSERT INTO llmcost.otel_traces (Timestamp, TraceId, SpanId, ServiceName, ScopeName, SpanAttributes, Duration, StatusCode) VALUES
('2026-11-20 12:00:00', 't', 's01', 'svc', 'otel.openai', {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.cache_read.input_tokens': '40', 'gen_ai.usage.output_tokens': '7', 'gen_ai.usage.cost': '0.01'}, 1000000, 'Error'),
('2026-11-20 12:00:00', 't', 's02', 'svc', 'old', {'gen_ai.system': 'Anthropic', 'gen_ai.request.model': 'claude', 'gen_ai.usage.prompt_tokens': '10', 'gen_ai.usage.cache_read_input_tokens': '40', 'gen_ai.usage.cache_creation_input_tokens': '5', 'gen_ai.usage.completion_tokens': '7'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's03', 'svc', 'otel.openai', {'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': '100'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's04', 'svc', 'otel.openai', {'gen_ai.operation.name': 'execute_tool'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's05', 'svc', 'traceloop', {'gen_ai.request.model': 'gpt-5', 'traceloop.span.kind': 'workflow'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's06', 'svc', 'otel.openai', {'gen_ai.operation.name': 'chat', 'llmcost.record.id': 'x', 'gen_ai.usage.input_tokens': '100'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's07', 'svc', 'otel_llmcost', {'gen_ai.operation.name': 'chat'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's08', 'svc', 'http', {'http.request.method': 'GET'}, 0, 'Ok');
SELECT record_id, source, provider, model, error_type, input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, convention FROM llmcost.calls ORDER BY record_id;
SELECT record_id, cost_usd, reported_cost_usd, cost_status, cost_reason FROM llmcost.calls ORDER BY record_id;
SELECT count() FROM llmcost.top_calls;
