-- An outcome costs what the calls of its scope cost, else of its session, else of its trace; who share it, share the cost.
INSERT INTO llmcost.llm_calls (ts, record_id, scope_id, session_id, trace_id, cost_usd, cost_status, source, version) VALUES
('2026-11-20 12:00:00', 'r1', 'sc', 's', 't', 0.10, 'priced', 'otel_llmcost', 1),
('2026-11-20 12:00:01', 'r2', 'sc', 's', 't', 0.20, 'priced', 'otel_llmcost', 1),
('2026-11-20 12:00:02', 'r3', 'other', 's', 't', 0.05, 'priced', 'otel_llmcost', 1),
('2026-11-20 12:00:03', 'r4', 'dark', '', '', NULL, 'unpriced', 'otel_llmcost', 1);
INSERT INTO llmcost.outcomes (ts, outcome_id, name, value, scope_id, session_id, trace_id, feature) VALUES
('2026-11-20 12:01:00', 'o1', 'resolved', 1, 'sc', 's', 't', 'support'),
('2026-11-20 12:01:00', 'o2', 'sale', 20, '', 's', 't', 'support'),
('2026-11-20 12:01:00', 'o3', 'sale', 30, '', 's', '', 'support'),
('2026-11-20 12:01:00', 'o4', 'click', NULL, '', '', 't', ''),
('2026-11-20 12:01:00', 'o5', 'resolved', 1, 'dark', '', '', 'support'),
('2026-11-20 12:01:00', 'o6', 'lost', NULL, '', '', 'nowhere', '');
SELECT outcome_id, linked_by, sharing, calls, cost_usd FROM llmcost.outcome_costs ORDER BY outcome_id;
-- Without a feature of its own it has the one that all of its calls have.
INSERT INTO llmcost.llm_calls (ts, record_id, scope_id, feature, cost_usd, cost_status, source, version) VALUES
('2026-11-20 13:00:00', 'f1', 'one', 'faq', 0.10, 'priced', 'otel_llmcost', 1),
('2026-11-20 13:00:01', 'f2', 'one', 'faq', 0.10, 'priced', 'otel_llmcost', 1),
('2026-11-20 13:00:02', 'f3', 'two', 'faq', 0.10, 'priced', 'otel_llmcost', 1),
('2026-11-20 13:00:03', 'f4', 'two', 'chat', 0.10, 'priced', 'otel_llmcost', 1);
INSERT INTO llmcost.outcomes (ts, outcome_id, name, value, scope_id, feature) VALUES
('2026-11-20 13:01:00', 'p1', 'solved', 1, 'one', ''),
('2026-11-20 13:01:00', 'p2', 'solved', 1, 'two', ''),
('2026-11-20 13:01:00', 'p3', 'solved', 1, 'two', 'own');
SELECT outcome_id, feature FROM llmcost.outcome_costs WHERE outcome = 'solved' ORDER BY outcome_id;
