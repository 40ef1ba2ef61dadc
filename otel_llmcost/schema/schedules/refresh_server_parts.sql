-- Grain: appends to duplicate_calls, every 30 seconds, what Store.refresh() would.
-- Source: server_parts_found. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_server_parts ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.duplicate_calls AS
SELECT * FROM llmcost.server_parts_found
SETTINGS max_partitions_per_insert_block = 0
