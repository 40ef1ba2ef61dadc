-- Grain: appends to llm_calls, every 30 seconds, what Store.refresh() would.
-- Source: batch_results_inherited. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_batch_results ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_calls AS
SELECT * FROM llmcost.batch_results_inherited
SETTINGS max_partitions_per_insert_block = 0
