-- Grain: one row per hour, environment, feature and team.
-- Source: spend_1h. Costs are NULL when nothing in the row is priced.
CREATE OR REPLACE VIEW llmcost.spend_by_feature ${on_cluster} AS
SELECT
    s.hour AS hour,
    s.environment AS environment,
    s.feature AS feature,
    s.team AS team,
    sum(s.calls) AS calls,
    sum(s.replies) AS replies,
    sum(s.errors) AS errors,
    sum(s.priced_calls) AS priced_calls,
    sum(s.unpriced_calls) AS unpriced_calls,
    sum(s.input_tokens) AS input_tokens,
    sum(s.uncached_input_tokens) AS uncached_input_tokens,
    sum(s.cache_read_tokens) AS cache_read_tokens,
    sum(s.cache_write_tokens) AS cache_write_tokens,
    sum(s.output_tokens) AS output_tokens,
    sum(s.reasoning_tokens) AS reasoning_tokens,
    sum(s.cost_usd) AS cost_usd,
    sum(s.cost_input_usd) AS cost_input_usd,
    sum(s.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(s.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(s.cost_output_usd) AS cost_output_usd,
    sum(s.cost_tools_usd) AS cost_tools_usd,
    sum(s.contracted_cost_usd) AS contracted_cost_usd,
    sum(s.duration_ms_sum) AS duration_ms_sum,
    max(s.max_call_cost_usd) AS max_call_cost_usd
FROM llmcost.spend_1h AS s
GROUP BY hour, environment, feature, team
