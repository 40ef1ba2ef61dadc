-- Defaults and newest-row-wins of the tables that commands write.
INSERT INTO llmcost.budgets (name, scope, scope_value, period, amount_usd, valid_from) VALUES ('docs', 'team', 'docs', 'month', 100.5, '2026-11-01');
INSERT INTO llmcost.budgets (name, scope, scope_value, period, amount_usd, valid_from) VALUES ('docs', 'team', 'docs', 'month', 200, '2026-11-01');
SELECT name, scope, scope_value, period, amount_usd, soft_percent, deleted FROM llmcost.budgets FINAL;
INSERT INTO llmcost.anomaly_log (anomaly_id, detector, detected_at, kind, ratio, excess_usd) VALUES ('x', 'token_spike', '2026-11-20 12:00:00', 'hour', 4, 1.5), ('x', 'token_spike', '2026-11-20 12:00:00', 'hour', 4, 1.5);
SELECT anomaly_id, ratio, excess_usd FROM llmcost.anomaly_log FINAL;
INSERT INTO llmcost.incident_acks (incident_id, acked_at, acked_by, state, note) VALUES ('x', '2026-11-20 13:00:00', 'me', 'acknowledged', 'known'), ('x', '2026-11-20 14:00:00', 'her', 'muted', '');
SELECT incident_id, acked_by, state, note, excess_usd FROM llmcost.incident_acks FINAL ORDER BY acked_at;
INSERT INTO llmcost.reprices (reprice_id, since, until, price_version, records, before_usd, after_usd) VALUES (16, '2026-11-01', '2026-11-20', 'v', 10, 1, NULL);
SELECT reprice_id, records, before_usd, after_usd FROM llmcost.reprices;
INSERT INTO llmcost.audit_log (changed_at, change_id, changed_by, origin, action, subject, before, after) VALUES ('2026-11-20 13:00:00', 'a', 'me', 'page', 'budget set', 'total per day', '', '{"amount_usd": "5"}'), ('2026-11-20 13:00:00', 'a', 'me', 'page', 'budget set', 'total per day', '', '{"amount_usd": "5"}'), ('2026-11-20 13:00:00', 'b', 'her', 'command line', 'budget removed', 'total per day', '{"amount_usd": "5"}', '');
SELECT changed_at, changed_by, origin, action, subject, before, after FROM llmcost.audit ORDER BY changed_at, change_id;
