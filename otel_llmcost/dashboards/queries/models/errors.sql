-- One row: share of calls that ended in an error. NULL without calls.
SELECT sum(errors) / nullIf(sum(calls), 0) AS error_share
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
