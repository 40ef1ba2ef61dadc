-- Grain: appends to llm_unit_1d, every 30 seconds, what Store.refresh() would.
-- Source: unit_days_rebuilt. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_llm_unit_1d ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_unit_1d AS
SELECT * FROM llmcost.unit_days_rebuilt
SETTINGS max_bytes_before_external_group_by = 1000000000
