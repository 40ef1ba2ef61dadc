-- Grain: appends to llm_cost_1h, every 30 seconds, what Store.refresh() would.
-- Source: stale_hours_rebuilt. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_llm_cost_1h ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_cost_1h AS
SELECT * FROM llmcost.stale_hours_rebuilt
SETTINGS max_partitions_per_insert_block = 0
