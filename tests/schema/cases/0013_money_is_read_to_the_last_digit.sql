-- Doubles arrive as shortest round-trip text.
INSERT INTO llmcost.otel_traces (Timestamp, ScopeName, SpanAttributes)
SELECT toDateTime64('2026-11-20 12:00:00', 9), 'otel_llmcost', map('llmcost.record.id', text, 'gen_ai.usage.cost.amount', text, 'llmcost.cost.status', 'priced')
FROM values('text String', '0.0416', '1e-7', '5.2e-05', '1e-12', '0.000000000001', '9.99999999e-4', '123.456789012345', '12', '0', '1.2300000000000001');
SELECT record_id, cost_usd, cost_status FROM llmcost.calls ORDER BY record_id;
-- Not billed is a true zero, whether the amount was sent or not; unpriced never has an amount.
INSERT INTO llmcost.otel_traces (Timestamp, ScopeName, SpanAttributes) VALUES
('2026-11-21 12:00:00', 'otel_llmcost', {'llmcost.record.id': 'n', 'llmcost.cost.status': 'not_billed'}),
('2026-11-21 12:00:00', 'otel_llmcost', {'llmcost.record.id': 't', 'llmcost.cost.status': 'not_billed', 'llmcost.cost.reason': 'no_usage', 'llmcost.attempts_unmetered': '1'}),
('2026-11-21 12:00:00', 'otel_llmcost', {'llmcost.record.id': 'u', 'llmcost.cost.status': 'unpriced', 'llmcost.cost.reason': 'unknown_model'}),
('2026-11-21 12:00:00', 'otel_llmcost', {'llmcost.record.id': 'x'});
SELECT record_id, cost_usd, cost_output_usd, cost_status, cost_reason, replies FROM llmcost.calls WHERE ts >= '2026-11-21' ORDER BY record_id;
