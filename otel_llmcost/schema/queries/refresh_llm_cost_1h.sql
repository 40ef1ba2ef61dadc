-- Rebuild the hours that records arrived for since the last rebuild: one row per group, one marker per hour.
INSERT INTO llmcost.llm_cost_1h SELECT * FROM llmcost.stale_hours_rebuilt
-- Wrong clocks can spread records over any number of partitions.
SETTINGS max_partitions_per_insert_block = 0
