-- One row: dollars of this UTC month: spent so far, and the mean of the last 7 whole days with spend for what is left.
WITH
    toDateTime(toStartOfMonth($__toTime), 'UTC') AS month,
    toStartOfDay($__toTime) AS today,
    hour >= today - INTERVAL 7 DAY AND hour < today AND cost_usd IS NOT NULL AS in_week
SELECT
    ifNull(toFloat64(sumIf(cost_usd, hour >= month)), 0)
    + toFloat64(sumIf(cost_usd, in_week)) / nullIf(uniqExactIf(toDate(hour), in_week), 0)
    * dateDiff('second', $__toTime, addMonths(month, 1)) / 86400 AS forecast_usd
FROM llmcost.hourly_spend
WHERE hour >= least(month, today - INTERVAL 7 DAY) AND hour <= $__toTime
    AND ${filters}
