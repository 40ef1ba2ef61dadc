-- Grain: one row per day, environment, service, server and model whose calls carry a cost that somebody else reported (a
-- gateway in its reply, another emitter on its span) beside ours: what both add up to, and over how many calls.
-- Source: calls. Calls that only one of both has a cost for are left out: a sum of other calls says nothing.
CREATE OR REPLACE VIEW llmcost.reported_costs ${on_cluster} AS
SELECT
    toDate(c.ts, 'UTC') AS day, c.environment AS environment, c.service AS service, c.server_address AS server_address, c.model AS model,
    sum(c.replies) AS calls,
    sum(c.reported_cost_usd) AS reported_cost_usd,
    sum(c.cost_usd) AS cost_usd,
    max(abs(c.reported_cost_usd - c.cost_usd)) AS largest_difference_usd
FROM llmcost.calls AS c
WHERE c.reported_cost_usd IS NOT NULL AND c.cost_usd IS NOT NULL
GROUP BY day, environment, service, server_address, model
