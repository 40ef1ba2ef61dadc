-- What prompt caching did in a month: one row per feature and model that read or wrote a cache, the largest first;
-- all_* are over everything, also what never cached. Source: cache_between.
SELECT *
FROM
(
    SELECT
        *,
        sum(cache_read_tokens) OVER () / nullIf(sum(input_tokens) OVER (), 0) AS all_hit_rate,
        sum(net_saving_usd) OVER () AS all_net_saving_usd
    FROM
    (
        SELECT
            e.feature AS feature, e.model AS model,
            sum(e.input_tokens) AS input_tokens,
            sum(e.cache_read_tokens) AS cache_read_tokens,
            sum(e.cache_write_tokens) AS cache_write_tokens,
            cache_read_tokens / nullIf(input_tokens, 0) AS hit_rate,
            sum(e.net_saving_usd) AS net_saving_usd
        FROM llmcost.cache_between(
            since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS e
        WHERE ({environment:String} = '' OR e.environment = {environment:String})
            AND ({service:String} = '' OR e.service = {service:String})
        GROUP BY feature, model
    )
)
WHERE cache_read_tokens + cache_write_tokens > 0
ORDER BY abs(net_saving_usd) DESC NULLS LAST, input_tokens DESC, feature, model
LIMIT {limit:UInt32}
