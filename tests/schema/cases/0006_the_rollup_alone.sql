-- Once nothing arrived for two minutes, hours are read from the newest rebuild; groups that vanished stay away.
INSERT INTO llmcost.llm_cost_1h (hour, environment, feature, model, calls, cost_usd, rebuilt_at) VALUES
('2026-11-20 12:00:00', '', '', '', 0, NULL, '2026-11-20 13:00:00'),
('2026-11-20 12:00:00', 'prod', 'vanished', 'm', 3, 3, '2026-11-20 13:00:00'),
('2026-11-20 12:00:00', 'prod', 'kept', 'm', 2, 2, '2026-11-20 13:00:00');
SELECT feature, calls, cost_usd FROM llmcost.spend_1h ORDER BY feature;
INSERT INTO llmcost.llm_cost_1h (hour, environment, feature, model, calls, cost_usd, rebuilt_at) VALUES
('2026-11-20 12:00:00', '', '', '', 0, NULL, '2026-11-20 14:00:00'),
('2026-11-20 12:00:00', 'prod', 'kept', 'm', 4, 4, '2026-11-20 14:00:00');
SELECT feature, calls, cost_usd FROM llmcost.spend_1h ORDER BY feature;
INSERT INTO llmcost.llm_cost_1h (hour, calls, rebuilt_at) VALUES ('2026-11-20 12:00:00', 0, '2026-11-20 15:00:00');
SELECT count() FROM llmcost.spend_1h;
SELECT hour FROM llmcost.stale_hours;
INSERT INTO llmcost.llm_calls (ts, record_id, ingested_at, version) VALUES ('2026-11-20 12:30:00', 'old', '2026-11-20 14:57:59', 1), ('2026-11-20 11:30:00', 'new', '2026-11-20 14:58:00', 1);
SELECT hour FROM llmcost.stale_hours;
