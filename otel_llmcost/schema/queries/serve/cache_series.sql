-- Share of input tokens read from a prompt cache: one row per bucket of time. Source: cache_between.
SELECT
    toUnixTimestamp(multiIf(
        {step:UInt32} = 86400, toStartOfDay(c.hour, {timezone:String}),
        {step:UInt32} = 21600, toStartOfInterval(c.hour, toIntervalHour(6), {timezone:String}),
        toDateTime(toUnixTimestamp({since:DateTime64(3)}) + intDiv(toUnixTimestamp(c.hour) - toUnixTimestamp({since:DateTime64(3)}), {step:UInt32}) * {step:UInt32}, {timezone:String}))) AS bucket,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.net_saving_usd) AS net_saving_usd
FROM llmcost.cache_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS c
WHERE ({environment:String} = '' OR c.environment = {environment:String})
    AND ({feature:String} = '' OR c.feature = {feature:String})
    AND ({model:String} = '' OR c.model = {model:String})
GROUP BY bucket
ORDER BY bucket
