-- One row: share of calls without a price of the range, and of as many hours before it. NULL where there is nothing to divide by.
SELECT
    sumIf(unpriced_calls, hour >= ${since}) / nullIf(sumIf(calls, hour >= ${since}), 0) AS now,
    sumIf(unpriced_calls, hour < ${since}) / nullIf(sumIf(calls, hour < ${since}), 0) AS before
FROM llmcost.hourly_spend
WHERE hour >= ${before} AND hour < ${until}
    AND ${filters}
