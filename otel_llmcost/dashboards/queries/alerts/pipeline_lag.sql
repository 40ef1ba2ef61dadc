-- One row per environment and service with calls in the window: seconds from the end of a call to its row, 95 of 100.
SELECT
    environment, service,
    quantile(0.95)(greatest(0, dateDiff('millisecond', ts, ingested_at) - duration_ms) / 1000) AS lag_s
FROM llmcost.calls
WHERE ingested_at >= $__fromTime AND ts >= $__fromTime - INTERVAL 1 DAY
GROUP BY environment, service
ORDER BY environment, service
LIMIT 1000
