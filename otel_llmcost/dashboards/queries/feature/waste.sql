-- One row: share of spend on calls that failed, were abandoned or were cut off at the token limit, and the same of as many
-- hours before the range.
SELECT
    (SELECT ifNull(toFloat64(sum(wasted_usd)), 0) / nullIf(toFloat64(sum(cost_usd)), 0)
        FROM llmcost.daily_calls(since = ${since}, until = ${until})
        WHERE ${filters}) AS now,
    (SELECT ifNull(toFloat64(sum(wasted_usd)), 0) / nullIf(toFloat64(sum(cost_usd)), 0)
        FROM llmcost.daily_calls(since = ${before}, until = ${since})
        WHERE ${filters}) AS before
