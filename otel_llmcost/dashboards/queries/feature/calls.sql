-- One row: calls of the range. NULL without any.
SELECT nullIf(sum(calls), 0) AS call_count
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
