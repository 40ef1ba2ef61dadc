-- Roll up the levers of hours that are over and whose calls were rebuilt since: one row per group, one marker per hour.
INSERT INTO llmcost.lever_1h SELECT * FROM llmcost.lever_hours_rebuilt
SETTINGS max_partitions_per_insert_block = 0
