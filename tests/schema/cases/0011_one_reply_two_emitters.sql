-- Ours counts; without ours the emitter that has a cost. The same id from one emitter twice is two calls.
INSERT INTO llmcost.llm_calls (ts, record_id, response_id, source, cost_usd, reported_cost_usd, version) VALUES
('2026-11-20 12:59:59', 'ours', 'r1', 'otel_llmcost', 1, NULL, 1), ('2026-11-20 13:00:01', 'theirs', 'r1', 'openai', NULL, 5, 1),
('2026-11-20 12:00:00', 'x', 'r2', 'aaa', NULL, NULL, 1), ('2026-11-20 12:00:00', 'y', 'r2', 'bbb', NULL, 3, 1),
('2026-11-20 12:00:00', 'p', 'r3', 'aaa', NULL, NULL, 1), ('2026-11-20 12:00:00', 'q', 'r3', 'aaa', NULL, NULL, 1),
('2026-11-20 12:00:00', 'n1', '', 'otel_llmcost', 1, NULL, 1), ('2026-11-20 12:00:00', 'n2', '', 'aaa', NULL, NULL, 1);
-- refresh
SELECT record_id, source, kept_record_id, kept_source FROM llmcost.duplicate_calls FINAL ORDER BY record_id;
SELECT record_id FROM llmcost.calls ORDER BY record_id;
SELECT sum(calls) FROM llmcost.hourly_spend;
-- refresh
SELECT count() FROM llmcost_internal.duplicates_found;
SELECT count() FROM llmcost.duplicate_calls;
