-- One row per feature: this UTC month against the same days of the month before, the ten most expensive.
WITH
    toDateTime(toStartOfMonth($__toTime), 'UTC') AS month,
    hour >= month AS is_new,
    hour < addMonths($__toTime, -1) AS is_old
SELECT
    feature,
    sumIf(s.cost_usd, is_old AND NOT is_new) AS last_usd,
    sumIf(s.cost_usd, is_new) AS this_usd,
    ifNull(this_usd, 0) - ifNull(last_usd, 0) AS changed_usd,
    toFloat64(this_usd) / nullIf(toFloat64(last_usd), 0) - 1 AS changed_share,
    sumIf(s.calls, is_new) AS call_count,
    toFloat64(this_usd) / nullIf(sumIf(s.priced_calls, is_new), 0) AS usd_per_call
FROM llmcost.hourly_spend AS s
WHERE hour >= addMonths(month, -1) AND hour <= $__toTime
    AND ${filters}
GROUP BY feature
HAVING this_usd IS NOT NULL OR last_usd IS NOT NULL
ORDER BY this_usd DESC NULLS LAST
LIMIT 10
