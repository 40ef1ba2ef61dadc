-- The fewest features, models and call sites that make 80 % of a month's spend, most expensive first; all_* are over all rows.
-- Source: spend_between, as spend_pareto of the trailing 30 days.
SELECT *, sum(call_share) OVER () AS top_call_share, count() OVER () AS top_rows
FROM
(
    SELECT
        *,
        count() OVER () AS all_rows,
        calls / sum(calls) OVER () AS call_share,
        toFloat64(cost_usd) / nullIf(toFloat64(sum(cost_usd) OVER ()), 0) AS cost_share,
        toFloat64(sum(cost_usd) OVER running) / nullIf(toFloat64(sum(cost_usd) OVER ()), 0) AS cumulative_share
    FROM
    (
        SELECT s.feature AS feature, s.model AS model, s.call_site AS call_site, sum(s.calls) AS calls, sum(s.cost_usd) AS cost_usd
        FROM llmcost.spend_between(
            since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
        WHERE ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
        GROUP BY feature, model, call_site
        HAVING cost_usd > 0
    )
    WINDOW running AS (ORDER BY cost_usd DESC, feature, model, call_site ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
WHERE cumulative_share - cost_share < 0.8
ORDER BY cost_usd DESC, feature, model, call_site
LIMIT {limit:UInt32}
