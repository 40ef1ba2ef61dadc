-- What prompt caching earned: one row per feature x model. Source: cache_between. reports/health.py puts conditions between the
-- markers.
SELECT
    feature,
    model,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.cache_write_tokens) AS cache_write_tokens,
    cache_read_tokens / nullIf(input_tokens, 0) AS hit_rate,
    sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(c.net_saving_usd) AS net_saving_usd
FROM llmcost.cache_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS c
WHERE ({environment:String} = '' OR c.environment = {environment:String})
    AND ({feature:String} = '' OR c.feature = {feature:String})
    AND ({model:String} = '' OR c.model = {model:String})
    AND /* only */ 1 /* only */
GROUP BY feature, model
ORDER BY input_tokens DESC
LIMIT {limit:UInt32}
