-- Grain: appends to llm_token_1h, every 30 seconds, what Store.refresh() would.
-- Source: token_days_rebuilt. Servers only: an embedded store is refreshed by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_llm_token_1h ${on_cluster}
REFRESH EVERY 30 SECOND APPEND TO llmcost.llm_token_1h AS
SELECT * FROM llmcost.token_days_rebuilt
