-- One row per bucket: calls.
SELECT $__timeInterval(hour) AS time, sum(calls) AS call_count
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
GROUP BY time
ORDER BY time
