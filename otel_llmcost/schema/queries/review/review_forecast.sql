-- What a running month will end with: what was spent, and the mean of its last seven whole days for each day left.
-- Source: spend_between. NULL without a whole day of spend.
SELECT
    sum(day_usd) AS spent_usd,
    avgIf(toFloat64(day_usd), day < toDate({until:DateTime64(3)}, {timezone:String}) AND day >= toDate({until:DateTime64(3)}, {timezone:String}) - 7) AS burn_usd_per_day,
    dateDiff('second', toDateTime({until:DateTime64(3)}, 'UTC'), toDateTime({month_end:DateTime64(3)}, 'UTC')) / 86400 AS days_left,
    if(isFinite(burn_usd_per_day), toFloat64(spent_usd) + burn_usd_per_day * days_left, NULL) AS forecast_usd
FROM
(
    SELECT toDate(s.hour, {timezone:String}) AS day, sum(s.cost_usd) AS day_usd
    FROM llmcost.spend_between(
        since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
    WHERE ({environment:String} = '' OR s.environment = {environment:String})
        AND ({service:String} = '' OR s.service = {service:String})
    GROUP BY day
    HAVING day_usd IS NOT NULL
)
