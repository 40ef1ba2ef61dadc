-- One row: dollars per thousand priced calls. NULL when nothing is priced.
SELECT 1000 * toFloat64(sum(cost_usd)) / nullIf(sum(priced_calls), 0) AS usd_per_1k_calls
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
