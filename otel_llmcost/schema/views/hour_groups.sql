-- Grain: one row per hour and every dimension of llm_cost_1h, computed from the records themselves.
-- Source: calls. Read spend_1h instead: it takes from here only what is not rolled up yet.
CREATE OR REPLACE VIEW llmcost.hour_groups ${on_cluster} AS
SELECT
    toStartOfHour(c.ts) AS hour,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    c.provider AS provider,
    c.model AS model,
    c.operation AS operation,
    c.mode AS mode,
    c.call_site AS call_site,
    count() AS calls,
    sum(c.replies) AS replies,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NOT NULL) AS priced_calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.uncached_input_tokens) AS uncached_input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.cache_write_tokens) AS cache_write_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.reasoning_tokens) AS reasoning_tokens,
    sum(c.cost_usd) AS cost_usd,
    sum(c.cost_input_usd) AS cost_input_usd,
    sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(c.cost_output_usd) AS cost_output_usd,
    sum(c.cost_tools_usd) AS cost_tools_usd,
    sum(c.contracted_cost_usd) AS contracted_cost_usd,
    sum(c.duration_ms) AS duration_ms_sum,
    max(c.cost_usd) AS max_call_cost_usd
FROM llmcost.calls AS c
GROUP BY hour, environment, service, feature, team, provider, model, operation, mode, call_site
