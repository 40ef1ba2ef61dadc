-- A session is read again and again: the latest reading stays, whatever arrives last, and what the server says it costs is kept.
INSERT INTO llmcost.otel_logs (Timestamp, TraceId, ServiceName, ResourceAttributes, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:00', '', 'shop', {}, 'otel_llmcost', {'llmcost.record.id': 'session-1', 'llmcost.record.revision': '1795200600', 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'anthropic', 'gen_ai.response.model': 'claude-opus-5-5', 'llmcost.usage.input': '20000', 'llmcost.usage.session_second': '450.5', 'llmcost.cost.status': 'priced', 'gen_ai.usage.cost.amount': '0.090011111111', 'llmcost.cost.input': '0.08', 'llmcost.cost.tools': '0.010011111111', 'llmcost.cost.reported': '0.09', 'gen_ai.usage.input_tokens': '20000'});
INSERT INTO llmcost.otel_logs (Timestamp, TraceId, ServiceName, ResourceAttributes, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:00', '', 'shop', {}, 'otel_llmcost', {'llmcost.record.id': 'session-1', 'llmcost.record.revision': '1795200000', 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'anthropic', 'gen_ai.response.model': 'claude-opus-5-5', 'llmcost.usage.input': '10000', 'llmcost.cost.status': 'priced', 'gen_ai.usage.cost.amount': '0.04', 'llmcost.cost.input': '0.04', 'gen_ai.usage.input_tokens': '10000'});
SELECT record_id, input_tokens, cost_usd, cost_tools_usd, reported_cost_usd FROM llmcost.calls;
-- refresh
SELECT sum(calls), sum(cost_usd) FROM llmcost.hourly_spend;
SELECT bucket, quantity, unit_price_usd, amount_usd, rule FROM llmcost.bill_lines ORDER BY bucket;
SELECT change, new_cost_usd FROM llmcost_internal.repriced(book='current', since='2026-01-01', until='2027-01-01');
