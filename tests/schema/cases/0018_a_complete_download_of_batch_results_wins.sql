-- The results of a batch have the same record id however often they are read; a download that was broken off has less.
INSERT INTO llmcost.otel_logs (Timestamp, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:01', 'otel_llmcost', {'llmcost.record.id': 'batch-1', 'llmcost.batch.id': 'b', 'llmcost.replies': '10', 'llmcost.cost.status': 'partial', 'gen_ai.usage.cost.amount': '0.1', 'llmcost.start_time_unix_nano': '1795176000000000000'});
SELECT replies, cost_usd, cost_status FROM llmcost.calls;
INSERT INTO llmcost.otel_logs (Timestamp, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:02', 'otel_llmcost', {'llmcost.record.id': 'batch-1', 'llmcost.batch.id': 'b', 'llmcost.replies': '30', 'llmcost.cost.status': 'priced', 'gen_ai.usage.cost.amount': '0.3', 'llmcost.start_time_unix_nano': '1795176000000000000'});
SELECT replies, cost_usd, cost_status FROM llmcost.calls;
INSERT INTO llmcost.otel_logs (Timestamp, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:03', 'otel_llmcost', {'llmcost.record.id': 'batch-1', 'llmcost.batch.id': 'b', 'llmcost.replies': '20', 'llmcost.cost.status': 'partial', 'gen_ai.usage.cost.amount': '0.2', 'llmcost.start_time_unix_nano': '1795176000000000000'});
SELECT replies, cost_usd, cost_status FROM llmcost.calls;
