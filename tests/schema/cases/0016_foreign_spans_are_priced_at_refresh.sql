-- A span with usage but no cost of ours is priced by the book at the next refresh, as an estimate; its own claim stays.
INSERT INTO llmcost.otel_traces (Timestamp, TraceId, SpanId, ServiceName, ScopeName, SpanAttributes, Duration, StatusCode) VALUES
('2026-11-20 12:00:00', 't', 's01', 'svc', 'otel.openai', {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.cache_read.input_tokens': '40', 'gen_ai.usage.output_tokens': '7', 'gen_ai.usage.cost': '0.01'}, 1000000, 'Ok'),
('2026-11-20 12:00:00', 't', 's02', 'svc', 'old', {'gen_ai.system': 'Anthropic', 'gen_ai.request.model': 'claude-opus-5', 'gen_ai.usage.prompt_tokens': '10', 'gen_ai.usage.cache_read_input_tokens': '40', 'gen_ai.usage.cache_creation_input_tokens': '5', 'gen_ai.usage.completion_tokens': '7'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's03', 'svc', 'otel.openai', {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'of-nobody', 'gen_ai.usage.input_tokens': '100'}, 0, 'Ok'),
('2026-11-20 12:00:00', 't', 's04', 'svc', 'otel.openai', {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5'}, 0, 'Ok');
-- refresh
SELECT record_id, cost_usd, cost_input_usd, cost_cache_read_usd, cost_cache_write_usd, cost_output_usd, reported_cost_usd, cost_status, cost_reason FROM llmcost.calls ORDER BY record_id;
SELECT record_id, bucket, toInt64(quantity), amount_usd, reason FROM llmcost.bill_lines ORDER BY record_id, bucket;
SELECT sum(cost_usd) FROM llmcost.hourly_spend;
-- Once is enough: the next refresh finds nothing to do, and a replay changes nothing.
INSERT INTO llmcost.otel_traces (Timestamp, TraceId, SpanId, ServiceName, ScopeName, SpanAttributes, Duration, StatusCode) VALUES
('2026-11-20 12:00:00', 't', 's01', 'again', 'otel.openai', {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.cache_read.input_tokens': '40', 'gen_ai.usage.output_tokens': '7', 'gen_ai.usage.cost': '0.01'}, 1000000, 'Ok');
-- refresh
SELECT count() FROM llmcost_internal.foreign_priced;
SELECT sum(cost_usd), sum(calls) FROM llmcost.hourly_spend;
