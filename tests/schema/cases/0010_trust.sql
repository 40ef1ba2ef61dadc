-- Process A: 1, 2, 5 arrive on day one, 8 on day two: 2 lost, then 2 more. Batch results have no sequence.
INSERT INTO llmcost.llm_calls (ts, record_id, environment, service, feature, cost_usd, cost_status, duration_ms, ingested_at, source, version) VALUES
('2026-11-20 12:00:00', 'aaaaaaaaaaaaaaaa0000000000000001', 'prod', 'shop', 'f', 1, 'priced', 1000, '2026-11-20 12:00:03', 'otel_llmcost', 1),
('2026-11-20 12:00:00', 'aaaaaaaaaaaaaaaa0000000000000002', 'prod', 'shop', '', 1, 'partial', 1000, '2026-11-20 12:00:02', 'otel_llmcost', 1),
('2026-11-20 12:00:00', 'aaaaaaaaaaaaaaaa0000000000000005', 'prod', 'shop', 'f', NULL, 'unpriced', 1000, '2026-11-20 12:00:02', 'otel_llmcost', 1),
('2026-11-21 12:00:00', 'aaaaaaaaaaaaaaaa0000000000000008', 'prod', 'shop', 'f', 1, 'priced', 0, '2026-11-21 12:00:01', 'otel_llmcost', 1),
('2026-11-21 12:00:00', 'batch:x:y', 'prod', 'shop', 'f', 1, 'priced', 0, '2026-11-21 12:00:01', 'otel_llmcost', 1),
('2026-11-21 12:00:00', 'trace:span', 'prod', 'shop', 'f', NULL, 'unpriced', 0, '2026-11-21 12:00:01', 'openai', 1);
INSERT INTO llmcost.duplicate_calls (ts, record_id, source, found_at) VALUES ('2026-11-21 12:00:00', 'trace:span', 'openai', '2026-11-21 12:00:01');
INSERT INTO llmcost.rejected (ts, signal, reason, records, bytes) VALUES ('2026-11-21 12:00:00', 'traces', 'malformed', 0, 100);
SELECT day, environment, service, records, calls, priced_share, tagged_share, unpriced_calls, partial_calls, lost_records, duplicate_records, foreign_records, max_lag_s, rejected, toString(double_counted_by) FROM llmcost.trust ORDER BY ALL;
