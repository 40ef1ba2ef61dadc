-- One row per bucket and quantile: seconds from the end of a call to its row in the store.
SELECT
    $__timeInterval(ts) AS time,
    name AS series,
    arrayElement(quantiles(0.5, 0.95, 1)(greatest(0, dateDiff('millisecond', ts, ingested_at) - duration_ms) / 1000), indexOf(['median', 'p95', 'worst'], name)) AS lag_s
FROM llmcost.calls
ARRAY JOIN ['median', 'p95', 'worst'] AS name
WHERE $__timeFilter(ts)
    AND ${filters}
GROUP BY time, series
ORDER BY time, series
