-- Untagged results take feature, team and allocation of their batch's submit, and a replay does not undo it.
INSERT INTO llmcost.llm_calls (ts, record_id, batch_id, feature, team, allocation, cost_usd, source, version) VALUES
('2026-11-20 12:00:00', 'submit', 'b1', 'nightly', 'docs', {'team': 'docs', 'customer': 'acme'}, 0, 'otel_llmcost', 1),
('2026-11-20 18:00:00', 'result1', 'b1', '', '', {}, 1, 'otel_llmcost', 1),
('2026-11-20 18:00:00', 'result2', 'b1', 'own', '', {}, 2, 'otel_llmcost', 1),
('2026-11-20 18:00:00', 'stray', 'b2', '', '', {}, 4, 'otel_llmcost', 1);
-- refresh
SELECT record_id, feature, team, toString(mapSort(allocation)), cost_usd FROM llmcost.calls ORDER BY record_id;
INSERT INTO llmcost.llm_calls (ts, record_id, batch_id, feature, team, allocation, cost_usd, source, version) VALUES ('2026-11-20 18:00:00', 'result1', 'b1', '', '', {}, 1, 'otel_llmcost', 4294967296);
-- refresh
SELECT record_id, feature FROM llmcost.calls WHERE record_id = 'result1';
SELECT feature, sum(cost_usd) FROM llmcost.hourly_spend GROUP BY feature ORDER BY feature;
