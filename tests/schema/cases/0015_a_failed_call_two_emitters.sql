-- A call without a reply has no response id; our record then shares the ids of the span it annotates. Other
-- spans of the trace are other calls, and records without any ids are never taken for one another.
INSERT INTO llmcost.llm_calls (ts, record_id, trace_id, span_id, response_id, source, cost_usd, cost_status, version) VALUES
('2026-11-20 12:00:00', 'ours', 't1', 's1', '', 'otel_llmcost', 0, 'not_billed', 1), ('2026-11-20 12:00:00', 't1:s1', 't1', 's1', '', 'openai', NULL, 'unpriced', 1),
('2026-11-20 12:00:00', 't1:s2', 't1', 's2', '', 'openai', NULL, 'unpriced', 1),
('2026-11-20 12:00:00', 'ours-streamed', 't2', 's1', 'r2', 'otel_llmcost', 1, 'priced', 1), ('2026-11-20 12:00:00', 't2:s1', 't2', 's1', '', 'openai', NULL, 'unpriced', 1),
('2026-11-20 12:00:00', 'bare-1', '', '', '', 'otel_llmcost', 1, 'priced', 1), ('2026-11-20 12:00:00', 'bare-2', '', '', '', 'openai', NULL, 'unpriced', 1);
-- refresh
SELECT record_id, kept_record_id FROM llmcost.duplicate_calls FINAL ORDER BY record_id;
SELECT record_id FROM llmcost.calls ORDER BY record_id;
