-- One row: share of spend on calls that failed, were abandoned or were cut off at the token limit.
SELECT ifNull(toFloat64(sum(wasted_usd)), 0) / nullIf(toFloat64(sum(cost_usd)), 0) AS wasted_share
FROM llmcost.daily_calls(since = ${since}, until = $__toTime)
WHERE ${filters}
