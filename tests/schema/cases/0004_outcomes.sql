-- Outcome events are recognised by scope and attribute, and once only.
INSERT INTO llmcost.otel_logs (Timestamp, TraceId, ServiceName, ResourceAttributes, ScopeName, LogAttributes, EventName) VALUES
('2026-11-20 12:00:00', 't1', 'shop', {'deployment.environment': 'prod'}, 'otel_llmcost', {'llmcost.outcome.name': 'ticket_resolved', 'llmcost.outcome.value': '1.5', 'llmcost.outcome.id': 'o1', 'llmcost.scope.id': 'sc', 'session.id': 's', 'user.id': 'u', 'llmcost.feature': 'f', 'llmcost.allocation.team': 'docs'}, 'llmcost.outcome'),
('2026-11-20 12:00:01', 't1', 'shop', {}, 'otel_llmcost', {'llmcost.outcome.name': 'sale', 'llmcost.outcome.value': 'much', 'llmcost.outcome.id': 'o2'}, ''),
('2026-11-20 12:00:02', 't1', 'shop', {}, 'somebody', {'llmcost.outcome.name': 'sale', 'llmcost.outcome.id': 'o3'}, 'llmcost.outcome');
INSERT INTO llmcost.otel_logs (Timestamp, TraceId, ServiceName, ResourceAttributes, ScopeName, LogAttributes) VALUES
('2026-11-20 12:00:00', 't1', 'shop', {'deployment.environment': 'prod'}, 'otel_llmcost', {'llmcost.outcome.name': 'ticket_resolved', 'llmcost.outcome.value': '1.5', 'llmcost.outcome.id': 'o1', 'llmcost.scope.id': 'sc', 'session.id': 's', 'user.id': 'u', 'llmcost.feature': 'f', 'llmcost.allocation.team': 'docs'});
SELECT outcome_id, name, value, scope_id, session_id, user_id, trace_id, service, environment, feature, team, toString(allocation) FROM llmcost.outcomes FINAL ORDER BY outcome_id;
SELECT count() FROM llmcost.calls;
