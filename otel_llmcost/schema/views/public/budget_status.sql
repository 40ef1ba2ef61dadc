-- Grain: budget_status_in for periods in UTC: one row per budget that holds today.
-- Source: budget_status_in.
CREATE OR REPLACE VIEW llmcost.budget_status ${on_cluster} AS
SELECT *
FROM llmcost.budget_status_in(timezone = 'UTC')
