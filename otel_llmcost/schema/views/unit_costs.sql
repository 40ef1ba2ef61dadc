-- Grain: one row per environment, service, feature, team, unit and unit_id of the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}): what one of them cost. Units: `run` (a scope, one run of a feature),
-- `session`, `user`, `customer` (the allocation key of that name). Calls without one are left out of it.
-- Source: calls. cost_usd is NULL when nothing in the row is priced. Units overlap: never add up different ones.
CREATE OR REPLACE VIEW llmcost.unit_costs ${on_cluster} AS
SELECT
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    key.1 AS unit,
    key.2 AS unit_id,
    min(c.ts) AS first_ts,
    max(c.ts) AS last_ts,
    count() AS calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
ARRAY JOIN
    [('run', c.scope_id), ('session', c.session_id), ('user', c.user_id), ('customer', c.allocation['customer'])] AS key
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} AND key.2 != ''
GROUP BY environment, service, feature, team, unit, unit_id
