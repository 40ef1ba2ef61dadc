-- One row per day and line: dollars since the month began, last month's at the same day, and the pace that would use
-- up the total budget of a month exactly.
WITH
    toDateTime(toStartOfMonth($__toTime), 'UTC') AS month,
    addMonths(month, -1) AS last_month,
    daily AS
    (
        SELECT toStartOfDay(hour) AS day, sum(cost_usd) AS usd
        FROM llmcost.hourly_spend
        WHERE hour >= last_month AND hour <= $__toTime
            AND ${filters}
        GROUP BY day
        HAVING usd IS NOT NULL
    )
SELECT time, series, usd_so_far
FROM
(
    SELECT day AS time, 'this month' AS series, toFloat64(sum(usd) OVER (ORDER BY day)) AS usd_so_far
    FROM daily
    WHERE day >= month
    UNION ALL
    SELECT addMonths(day, 1) AS time, 'last month' AS series, toFloat64(sum(usd) OVER (ORDER BY day)) AS usd_so_far
    FROM daily
    WHERE day < month AND addMonths(day, 1) < addMonths(month, 1) AND toDayOfMonth(addMonths(day, 1)) = toDayOfMonth(day)
    UNION ALL
    SELECT month + toIntervalDay(number) AS time, 'budget pace' AS series, toFloat64(amount_usd) * (number + 1) / dateDiff('day', month, addMonths(month, 1)) AS usd_so_far
    FROM llmcost.budget_status
    CROSS JOIN numbers(31) AS days
    WHERE scope = 'total' AND period = 'month' AND month + toIntervalDay(number) < addMonths(month, 1)
)
ORDER BY time, series
