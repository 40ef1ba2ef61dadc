-- Grain: one row per hour, environment, service, user and feature.
-- Source: calls. cost_usd is NULL when nothing in the row is priced.
CREATE OR REPLACE VIEW llmcost.spend_by_user ${on_cluster} AS
SELECT
    toStartOfHour(c.ts) AS hour,
    c.environment AS environment,
    c.service AS service,
    c.user_id AS user_id,
    c.feature AS feature,
    count() AS calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
GROUP BY hour, environment, service, user_id, feature
