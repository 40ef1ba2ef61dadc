-- What one run of a program cost: one row per feature, model and whatever else its price depends on. Source: calls.
SELECT
    feature,
    toString(provider) AS provider,
    toString(model) AS model,
    toString(mode) AS mode,
    if(c.price_context = 'long', 'long', 'short') AS context,
    toString(c.price_geo) AS geo,
    count() AS calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sumIf(c.replies, c.cost_usd IS NOT NULL) AS replies,
    countIf(c.usage_items != '') AS of_several_models,
    sum(c.cost_usd) AS cost_usd,
    sum(c.cost_input_usd) AS cost_input_usd,
    sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(c.cost_output_usd) AS cost_output_usd,
    sum(c.cost_tools_usd) AS cost_tools_usd,
    sumIf(c.uncached_input_tokens, c.cost_usd IS NOT NULL) AS uncached_input_tokens,
    sumIf(c.cache_read_tokens, c.cost_usd IS NOT NULL) AS cache_read_tokens,
    sumIf(c.cache_write_tokens, c.cost_usd IS NOT NULL) AS cache_write_tokens,
    sumIf(c.output_tokens, c.cost_usd IS NOT NULL) AS output_tokens,
    CAST(sumMapIf(CAST(c.other_usage, 'Map(String, Decimal(38, 6))'), c.cost_usd IS NOT NULL), 'Map(String, String)') AS buckets
FROM llmcost.calls AS c
WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} AND service = {service:String}
GROUP BY feature, provider, model, mode, context, geo
ORDER BY feature, provider, model, mode, context, geo
