-- Grain: one row per environment, feature, provider, model and lever: what the last 30 days could have cost.
-- Source: savings_between, which says how.
CREATE OR REPLACE VIEW llmcost.savings ${on_cluster} AS
SELECT *
FROM llmcost.savings_between(since = now64(3) - INTERVAL 30 DAY, until = now64(3), candidate = '', share = 0.)
