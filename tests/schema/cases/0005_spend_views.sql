-- Sums by hour and dimension, from live hours first and from the rollup after a refresh: the same figures.
INSERT INTO llmcost.llm_calls (ts, record_id, environment, service, feature, team, user_id, provider, model, operation, mode, replies, error_type, input_tokens, uncached_input_tokens, cache_read_tokens, output_tokens, cost_usd, cost_input_usd, cost_output_usd, cost_status, duration_ms, source, version) VALUES
('2026-11-20 12:10:00', '1', 'prod', 'shop', 'a', 'docs', 'u1', 'anthropic', 'm1', 'chat', 'standard', 1, '', 100, 40, 60, 10, 0.3, 0.1, 0.2, 'priced', 100, 'otel_llmcost', 1),
('2026-11-20 12:50:00', '2', 'prod', 'shop', 'a', 'docs', 'u2', 'anthropic', 'm1', 'chat', 'standard', 1, '', 100, 100, 0, 10, 0.000000000001, 0.000000000001, 0, 'priced', 200, 'otel_llmcost', 1),
('2026-11-20 12:59:59.999', '3', 'prod', 'shop', 'a', 'docs', 'u1', 'openai', 'm2', 'chat', 'batch', 5, '', 10, 10, 0, 1, NULL, NULL, NULL, 'unpriced', 300, 'otel_llmcost', 1),
('2026-11-20 13:00:00', '4', 'dev', 'shop', 'b', '', 'u1', 'openai', 'm2', 'chat', 'batch', 0, 'timeout', 0, 0, 0, 0, 0, 0, 0, 'not_billed', 400, 'otel_llmcost', 1);
SELECT hour, environment, feature, model, mode, calls, replies, errors, priced_calls, unpriced_calls, input_tokens, output_tokens, cost_usd, duration_ms_sum, max_call_cost_usd FROM llmcost.hourly_spend ORDER BY ALL;
SELECT count() FROM llmcost.hourly_spend__rows;
-- refresh
SELECT count(), countIf(is_marker = 1) FROM llmcost.hourly_spend__rows;
SELECT hour, environment, feature, model, mode, calls, replies, errors, priced_calls, unpriced_calls, input_tokens, output_tokens, cost_usd, duration_ms_sum, max_call_cost_usd FROM llmcost.hourly_spend ORDER BY ALL;
SELECT record_id, cost_usd FROM llmcost.top_calls ORDER BY cost_usd DESC;
