-- Grain: appends to llm_calls, every 30 seconds, what Store.refresh() would.
-- Source: foreign_priced. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_foreign_prices ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_calls AS
SELECT * FROM llmcost.foreign_priced
SETTINGS max_partitions_per_insert_block = 0
