-- One row: dollars per million tokens, in and out together. NULL when nothing is priced.
SELECT 1e6 * toFloat64(sum(cost_usd)) / nullIf(sumIf(input_tokens + output_tokens, unpriced_calls = 0), 0) AS usd_per_million
FROM llmcost.hourly_spend
WHERE ${hours} AND cost_usd IS NOT NULL
    AND ${filters}
