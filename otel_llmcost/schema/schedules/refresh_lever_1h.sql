-- Grain: appends to lever_1h, every minute, what Store.refresh_levers() would.
-- Source: lever_hours_rebuilt. Servers only: an embedded store is rolled up by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_lever_1h ${on_cluster}
REFRESH EVERY 1 MINUTE APPEND TO llmcost.lever_1h AS
SELECT * FROM llmcost.lever_hours_rebuilt
SETTINGS max_partitions_per_insert_block = 0
