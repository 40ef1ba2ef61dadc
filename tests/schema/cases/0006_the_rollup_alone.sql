-- Once nothing arrived for two minutes, hours are read from the newest rebuild; groups that vanished stay away.
INSERT INTO llmcost.hourly_spend__rows (hour, environment, feature, model, calls, cost_usd, is_marker, built_at) VALUES
('2026-11-20 12:00:00', '', '', '', 0, NULL, 1, '2026-11-20 13:00:00'),
('2026-11-20 12:00:00', 'prod', 'vanished', 'm', 3, 3, 0, '2026-11-20 13:00:00'),
('2026-11-20 12:00:00', 'prod', 'kept', 'm', 2, 2, 0, '2026-11-20 13:00:00');
SELECT feature, calls, cost_usd FROM llmcost.hourly_spend ORDER BY feature;
INSERT INTO llmcost.hourly_spend__rows (hour, environment, feature, model, calls, cost_usd, is_marker, built_at) VALUES
('2026-11-20 12:00:00', '', '', '', 0, NULL, 1, '2026-11-20 14:00:00'),
('2026-11-20 12:00:00', 'prod', 'kept', 'm', 4, 4, 0, '2026-11-20 14:00:00');
SELECT feature, calls, cost_usd FROM llmcost.hourly_spend ORDER BY feature;
INSERT INTO llmcost.hourly_spend__rows (hour, is_marker, built_at) VALUES ('2026-11-20 12:00:00', 1, '2026-11-20 15:00:00');
SELECT count() FROM llmcost.hourly_spend;
SELECT hour FROM llmcost_internal.stale_hours;
INSERT INTO llmcost.llm_calls (ts, record_id, ingested_at, version) VALUES ('2026-11-20 12:30:00', 'old', '2026-11-20 14:57:59', 1), ('2026-11-20 11:30:00', 'new', '2026-11-20 14:58:00', 1);
SELECT hour FROM llmcost_internal.stale_hours;
