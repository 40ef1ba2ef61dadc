-- What a feature used since an hour, and what it used in the normal hours before, by model: what an anomaly's excess is
-- split from; {base:String} is the environment of the normal hours, '' all of them. `hours` is how many hours the normal ones stand for; hours without calls have no row.
SELECT
    h.hour >= {since:DateTime('UTC')} AS is_recent,
    h.model AS model, any(h.provider) AS provider,
    sum(h.calls) AS calls,
    sum(h.unpriced_calls) AS unpriced_calls,
    sum(h.cost_usd) AS usd,
    sum(h.uncached_input_tokens) AS input, sum(h.cache_read_tokens) AS cache_read, sum(h.cache_write_tokens) AS cache_write,
    sum(h.output_tokens) AS output,
    toFloat64(ifNull(sum(h.cost_input_usd), 0)) AS input_usd,
    toFloat64(ifNull(sum(h.cost_cache_read_usd), 0)) AS cache_read_usd,
    toFloat64(ifNull(sum(h.cost_cache_write_usd), 0)) AS cache_write_usd,
    toFloat64(ifNull(sum(h.cost_output_usd), 0)) AS output_usd,
    toFloat64(ifNull(sum(h.retried_usd), 0)) AS retried_usd,
    least(168, dateDiff('hour', min(min(h.hour)) OVER (PARTITION BY is_recent), {since:DateTime('UTC')})) AS hours
FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
WHERE h.feature = {feature:String}
    AND if(h.hour >= {since:DateTime('UTC')},
        h.environment = {environment:String},
        h.is_normal AND ({base:String} = '' OR h.environment = {base:String}))
GROUP BY is_recent, model
ORDER BY is_recent, model
