-- Grain: one row per hour, environment, service, feature, provider and model.
-- Source: spend_1h. net_saving_usd = what cached and written tokens would have cost as plain input,
-- at the price plain input had in the same rows, minus what they did cost; negative when writes never paid off;
-- NULL when no row has priced plain input to compare with.
CREATE OR REPLACE VIEW llmcost.cache_efficiency ${on_cluster} AS
SELECT
    s.hour AS hour,
    s.environment AS environment,
    s.service AS service,
    s.feature AS feature,
    s.provider AS provider,
    s.model AS model,
    sum(s.input_tokens) AS input_tokens,
    sum(s.uncached_input_tokens) AS uncached_input_tokens,
    sum(s.cache_read_tokens) AS cache_read_tokens,
    sum(s.cache_write_tokens) AS cache_write_tokens,
    cache_read_tokens / nullIf(input_tokens, 0) AS hit_rate,
    sum(s.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(s.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(
        s.cost_input_usd * (s.cache_read_tokens + s.cache_write_tokens) / nullIf(s.uncached_input_tokens, 0)
        - s.cost_cache_read_usd - s.cost_cache_write_usd) AS net_saving_usd
FROM llmcost.spend_1h AS s
GROUP BY hour, environment, service, feature, provider, model
