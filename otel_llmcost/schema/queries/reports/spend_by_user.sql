-- Spend of any window by user, feature, team, service and environment: one row per combination between the markers,
-- most expensive first.
-- Source: daily_users. Runs as it stands; analysis/spend.py puts its own column names between the markers
-- (`by`; and `first` for the order, where one of them is a time).
-- cost_usd is NULL when nothing in the row is priced; the all_* columns repeat the total before LIMIT.
SELECT
    *,
    toFloat64(cost_usd) / nullIf(toFloat64(all_cost_usd), 0) AS cost_share
FROM
(
    SELECT
        *,
        sum(cost_usd) OVER () AS all_cost_usd,
        sum(calls) OVER () AS all_calls,
        sum(input_tokens) OVER () AS all_input_tokens,
        sum(cache_read_tokens) OVER () AS all_cache_read_tokens,
        sum(output_tokens) OVER () AS all_output_tokens,
        sum(errors) OVER () AS all_errors,
        sum(unpriced_calls) OVER () AS all_unpriced_calls,
        count() OVER () AS all_rows
    FROM
    (
        SELECT
            /* by */ user_id AS dimension_1, feature AS dimension_2 /* by */,
            sum(c.calls) AS calls,
            sum(c.errors) AS errors,
            sum(c.unpriced_calls) AS unpriced_calls,
            sum(c.input_tokens) AS input_tokens,
            sum(c.cache_read_tokens) AS cache_read_tokens,
            sum(c.output_tokens) AS output_tokens,
            sum(c.cost_usd) AS cost_usd
        FROM llmcost.daily_users(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS c
        WHERE ({environment:String} = '' OR c.environment = {environment:String})
            AND ({service:String} = '' OR c.service = {service:String})
            AND ({feature:String} = '' OR c.feature = {feature:String})
        GROUP BY ALL
    )
)
ORDER BY /* first */ /* first */ cost_usd DESC NULLS LAST, calls DESC
LIMIT {limit:UInt32}
