-- The fewest feature x model x call site rows that make 80 % of the last 30 days.
INSERT INTO llmcost.llm_calls (ts, record_id, feature, model, call_site, cost_usd, source, version) VALUES
(now() - INTERVAL 1 DAY, '1', 'a', 'm', 'f', 6, 'otel_llmcost', 1), (now() - INTERVAL 2 DAY, '2', 'a', 'm', 'f', 1, 'otel_llmcost', 1),
(now() - INTERVAL 1 DAY, '3', 'b', 'm', 'f', 2, 'otel_llmcost', 1), (now() - INTERVAL 1 DAY, '4', 'b', 'm', 'g', 1, 'otel_llmcost', 1),
(now() - INTERVAL 1 DAY, '5', 'c', 'm', 'f', NULL, 'otel_llmcost', 1), (now() - INTERVAL 40 DAY, '6', 'd', 'm', 'f', 100, 'otel_llmcost', 1);
SELECT * FROM llmcost.spend_pareto;
