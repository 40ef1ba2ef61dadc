-- One row: share of calls without a price. NULL without calls.
SELECT sum(unpriced_calls) / nullIf(sum(calls), 0) AS unpriced_share
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
