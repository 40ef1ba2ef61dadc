-- Share of input tokens read from a prompt cache: one row per bucket of time. Source: cache_efficiency.
SELECT
    toUnixTimestamp(toStartOfInterval(c.hour, toIntervalSecond({step:UInt32}), 'UTC')) AS bucket,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.net_saving_usd) AS net_saving_usd
FROM llmcost.cache_efficiency AS c
WHERE c.hour >= {since:DateTime64(3, 'UTC')}
    AND c.hour < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR c.environment = {environment:String})
    AND ({feature:String} = '' OR c.feature = {feature:String})
    AND ({model:String} = '' OR c.model = {model:String})
GROUP BY bucket
ORDER BY bucket
