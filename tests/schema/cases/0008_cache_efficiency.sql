-- Saved: (600 read + 100 written) x 0.001 as plain input - 0.06 - 0.125 paid; NULL without plain input to compare.
INSERT INTO llmcost.llm_calls (ts, record_id, feature, model, input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, cost_usd, cost_input_usd, cost_cache_read_usd, cost_cache_write_usd, source, version) VALUES
('2026-11-20 12:00:00', '1', 'a', 'm', 1000, 300, 600, 100, 1, 0.3, 0.06, 0.125, 'otel_llmcost', 1),
('2026-11-20 12:00:00', '2', 'b', 'm', 100, 0, 100, 0, 0.01, 0, 0.01, 0, 'otel_llmcost', 1),
('2026-11-20 12:00:00', '3', 'c', 'm', 0, 0, 0, 0, NULL, NULL, NULL, NULL, 'otel_llmcost', 1);
SELECT hour, feature, model, input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, hit_rate, cost_cache_read_usd, cost_cache_write_usd, net_saving_usd FROM llmcost.cache_efficiency ORDER BY feature;
