-- One row: dollars per priced call. NULL when nothing is priced.
SELECT toFloat64(sum(cost_usd)) / nullIf(sum(priced_calls), 0) AS usd_per_call
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
