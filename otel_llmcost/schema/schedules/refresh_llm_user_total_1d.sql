-- Grain: appends to llm_user_total_1d, every 30 seconds, what Store.refresh() would.
-- Source: user_total_days_rebuilt. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_llm_user_total_1d ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_user_total_1d AS
SELECT * FROM llmcost.user_total_days_rebuilt
