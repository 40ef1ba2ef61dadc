-- One row: complete hours of the range against as many hours before them. NULL when there are none.
WITH
    ${since} AS first_hour,
    toStartOfHour($__toTime) AS end_hour,
    first_hour - (end_hour - first_hour) AS previous_hour
SELECT
    toFloat64(sumIf(cost_usd, hour >= first_hour)) / nullIf(toFloat64(sumIf(cost_usd, hour < first_hour)), 0) - 1
        AS change
FROM llmcost.hourly_spend
WHERE hour >= previous_hour AND hour < end_hour AND end_hour > first_hour
    AND ${filters}
