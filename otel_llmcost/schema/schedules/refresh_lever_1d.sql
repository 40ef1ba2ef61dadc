-- Grain: appends to lever_1d, every minute, what Store.refresh_levers() would.
-- Source: lever_days_rebuilt. Servers only: an embedded store is rolled up by the process that owns it.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.refresh_lever_1d ${on_cluster}
REFRESH EVERY 1 MINUTE APPEND TO llmcost.lever_1d AS
SELECT * FROM llmcost.lever_days_rebuilt
