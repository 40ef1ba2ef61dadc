-- One row: calls of the range. NULL without any.
SELECT nullIf(sum(calls), 0) AS call_count
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
