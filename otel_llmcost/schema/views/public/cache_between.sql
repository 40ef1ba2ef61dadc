-- Grain: as cache_efficiency, of [{since:DateTime64(3)}, {until:DateTime64(3)}) with days of {timezone:String}: `hour` is the start of
-- an hour or a quarter, as in spend_between.
-- Source: spend_between.
CREATE OR REPLACE VIEW llmcost.cache_between ${on_cluster} AS
SELECT
    hour, environment, service, feature, provider, model,
    input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens,
    cache_read_tokens / nullIf(input_tokens, 0) AS hit_rate,
    cost_cache_read_usd, cost_cache_write_usd,
    cost_input_usd * (cache_read_tokens + cache_write_tokens) / nullIf(uncached_input_tokens, 0)
        - cost_cache_read_usd - cost_cache_write_usd AS net_saving_usd
FROM llmcost.spend_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String})
