-- Spend of any window: one row per combination of the dimensions between the markers, most expensive first.
-- Source: spend_between. Runs as it stands; analysis/spend.py puts its own column names between the markers
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
            /* by */ feature AS dimension_1, model AS dimension_2 /* by */,
            sum(s.calls) AS calls,
            sum(s.errors) AS errors,
            sum(s.unpriced_calls) AS unpriced_calls,
            sum(s.input_tokens) AS input_tokens,
            sum(s.cache_read_tokens) AS cache_read_tokens,
            sum(s.output_tokens) AS output_tokens,
            sum(s.cost_usd) AS cost_usd
        FROM llmcost.spend_between(
            since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
        WHERE ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
            AND ({feature:String} = '' OR s.feature = {feature:String})
            AND ({model:String} = '' OR s.model = {model:String})
        GROUP BY ALL
    )
)
ORDER BY /* first */ /* first */ cost_usd DESC NULLS LAST, calls DESC
LIMIT {limit:UInt32}
