-- A call without a tag is named by its workflow, its agent, the function that made it, or nothing.
INSERT INTO llmcost.llm_calls (ts, record_id, feature, workflow_name, agent_name, call_site, source, version) VALUES
('2026-11-20 12:00:00', '1', 'tag', 'flow', 'agent', 'app.f (a.py:1)', 'otel_llmcost', 1),
('2026-11-20 12:00:00', '2', '', 'flow', 'agent', 'app.f (a.py:1)', 'otel_llmcost', 1),
('2026-11-20 12:00:00', '3', '', '', 'agent', 'app.f (a.py:1)', 'otel_llmcost', 1),
('2026-11-20 12:00:00', '4', '', '', '', 'app.f (a.py:1)', 'otel_llmcost', 1),
('2026-11-20 12:00:00', '5', '', '', '', '', 'otel_llmcost', 1);
SELECT record_id, feature, feature_source FROM llmcost.calls ORDER BY record_id;
