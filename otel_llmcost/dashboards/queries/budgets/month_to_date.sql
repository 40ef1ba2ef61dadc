-- One row: dollars since the first of the UTC month in which the range ends. NULL when nothing is priced.
SELECT sum(cost_usd) AS spend_usd
FROM llmcost.hourly_spend
WHERE hour >= toDateTime(toStartOfMonth($__toTime), 'UTC') AND hour <= $__toTime
    AND ${filters}
