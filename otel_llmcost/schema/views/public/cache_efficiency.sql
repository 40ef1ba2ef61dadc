-- Grain: as hourly_spend: one row per hour, environment, service, feature, provider, model, and what else hourly_spend has a row for.
-- Source: hourly_spend. net_saving_usd = what cached and written tokens would have cost as plain input,
-- at the price plain input had in the same row, minus what they did cost; negative when writes never paid off;
-- NULL when the row has no priced plain input to compare with.
CREATE OR REPLACE VIEW llmcost.cache_efficiency ${on_cluster} AS
SELECT
    hour, environment, service, feature, provider, model,
    input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens,
    cache_read_tokens / nullIf(input_tokens, 0) AS hit_rate,
    cost_cache_read_usd, cost_cache_write_usd,
    cost_input_usd * (cache_read_tokens + cache_write_tokens) / nullIf(uncached_input_tokens, 0)
        - cost_cache_read_usd - cost_cache_write_usd AS net_saving_usd
FROM llmcost.hourly_spend
