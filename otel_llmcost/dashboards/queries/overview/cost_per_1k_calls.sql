-- One row: dollars per thousand priced calls of the range, and of as many hours before it. NULL where there is nothing to divide by.
SELECT
    1000 * toFloat64(sumIf(cost_usd, hour >= ${since})) / nullIf(sumIf(priced_calls, hour >= ${since}), 0) AS now,
    1000 * toFloat64(sumIf(cost_usd, hour < ${since})) / nullIf(sumIf(priced_calls, hour < ${since}), 0) AS before
FROM llmcost.hourly_spend
WHERE hour >= ${before} AND hour < ${until}
    AND ${filters}
