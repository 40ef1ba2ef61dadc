-- Rebuild the hours that records arrived for since the last rebuild: one row per group, one marker per hour.
INSERT INTO llmcost.llm_cost_1h SELECT * FROM llmcost.stale_hours_rebuilt
