-- A month by one dimension, beside the time it is compared with: one row per value, most expensive first.
-- Source: spend_between. Runs as it stands; analysis/review.py puts its own column between the markers.
SELECT
    *,
    toFloat64(cost_usd) / nullIf(toFloat64(all_usd), 0) AS cost_share,
    if(earlier_calls = 0, toDecimal128(0, 12), earlier_usd) AS before_usd,
    if(calls = 0, toDecimal128(0, 12), cost_usd) - before_usd AS change_usd
FROM
(
    SELECT *, sum(cost_usd) OVER () AS all_usd, count() OVER () AS all_rows
    FROM
    (
        SELECT
            /* by */ feature AS dimension_1 /* by */,
            sumIf(s.calls, s.hour >= {since:DateTime64(3)}) AS calls,
            sumIf(s.calls, s.hour < {earlier_until:DateTime64(3)}) AS earlier_calls,
            sumIf(s.cost_usd, s.hour >= {since:DateTime64(3)}) AS cost_usd,
            sumIf(s.cost_usd, s.hour < {earlier_until:DateTime64(3)}) AS earlier_usd
        FROM llmcost.spend_between(
            since = {earlier_since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
        WHERE (s.hour >= {since:DateTime64(3)} AND s.hour < {until:DateTime64(3)}
                OR s.hour >= {earlier_since:DateTime64(3)} AND s.hour < {earlier_until:DateTime64(3)})
            AND ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
        GROUP BY ALL
    )
)
ORDER BY cost_usd DESC NULLS LAST, earlier_usd DESC NULLS LAST, dimension_1
LIMIT {limit:UInt32}
