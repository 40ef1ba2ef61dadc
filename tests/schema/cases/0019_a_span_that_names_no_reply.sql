-- A span without a response id reports again the call that it encloses: same service, model and tokens, in one trace,
-- or beside it where neither has a parent; a moment, the one that just ended. One that encloses no such call is a call.
INSERT INTO llmcost.llm_calls (ts, record_id, trace_id, span_id, parent_span_id, response_id, service, request_model, model, input_tokens, output_tokens, duration_ms, source, cost_usd, version) VALUES
('2026-11-20 12:59:59.990', 'ours', 't1', 's2', '', 'r1', 'shop', 'alias', 'claude-x', 7, 98, 500, 'otel_llmcost', 1, 1),
('2026-11-20 12:59:59.900', 'encloses', 't1', 's1', 's0', '', 'shop', '', 'alias', 7, 98, 700, 'openinference', NULL, 1),
('2026-11-20 12:59:59.900', 'other-tokens', 't1', 's3', 's0', '', 'shop', '', 'alias', 7, 99, 700, 'openinference', NULL, 1),
('2026-11-20 12:59:59.900', 'other-model', 't1', 's4', 's0', '', 'shop', '', 'claude-y', 7, 98, 700, 'openinference', NULL, 1),
('2026-11-20 12:59:59.900', 'other-trace', 't9', 's5', 's0', '', 'shop', '', 'alias', 7, 98, 700, 'openinference', NULL, 1),
('2026-11-20 12:59:59.900', 'other-service', 't1', 's6', 's0', '', 'bank', '', 'alias', 7, 98, 700, 'openinference', NULL, 1),
('2026-11-20 12:59:59.900', 'ends-before', 't1', 's7', 's0', '', 'shop', '', 'alias', 7, 98, 200, 'openinference', NULL, 1),
('2026-11-20 13:00:00.900', 'begins-after', 't1', 's8', 's0', '', 'shop', '', 'alias', 7, 98, 700, 'openinference', NULL, 1),
('2026-11-20 14:00:00.010', 'ours-root', 't2', 's2', '', 'r2', 'shop', 'alias', 'alias', 7, 50, 500, 'otel_llmcost', 1, 1),
('2026-11-20 14:00:00.000', 'root', 't3', 's1', '', '', 'shop', '', 'alias', 7, 50, 520, 'openinference', NULL, 1),
('2026-11-20 14:00:00.000', 'root-much-longer', 't4', 's1', '', '', 'shop', '', 'alias', 7, 50, 900, 'openinference', NULL, 1),
('2026-11-20 15:00:00.010', 'native', 't5', 's2', 's1', 'r3', 'shop', 'alias', 'alias', 7, 50, 500, 'com.anthropic.sdk.python', NULL, 1),
('2026-11-20 15:00:00.000', 'around-native', 't5', 's1', '', '', 'shop', '', 'alias', 7, 50, 520, 'openinference', NULL, 1),
('2026-11-20 16:00:00.900', 'ours-streamed', 't6', 's1', '', 'r4', 'shop', 'alias', 'alias', 7, 60, 500, 'otel_llmcost', 1, 1),
('2026-11-20 16:00:01.450', 'log-of-stream', 't7', 's1', '', '', 'shop', '', 'alias', 7, 60, 0, 'logfire.openai', NULL, 1),
('2026-11-20 16:00:01.460', 'log-without-usage', 't6', 's9', 's0', '', 'shop', '', 'alias', 0, 0, 0, 'logfire.openai', NULL, 1),
('2026-11-20 16:00:01.100', 'log-before-its-end', 't6', 's8', 's0', '', 'shop', '', 'alias', 7, 60, 0, 'logfire.openai', NULL, 1);
-- refresh
SELECT record_id, kept_record_id FROM llmcost.duplicate_calls FINAL ORDER BY record_id;
SELECT record_id FROM llmcost.calls ORDER BY record_id;
SELECT day, service, calls, toString(double_counted_by) FROM llmcost.trust ORDER BY ALL;
