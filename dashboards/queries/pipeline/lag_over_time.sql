-- One row per bucket and quantile: seconds from the end of a call to its row in the store.
SELECT time, name AS series, lag AS lag_s
FROM
(
    SELECT $__timeInterval(ts) AS time,
        quantiles(0.5, 0.95, 1)(greatest(0, dateDiff('millisecond', ts, ingested_at) - duration_ms) / 1000) AS found
    FROM llmcost.calls
    WHERE $__timeFilter(ts)
        AND ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'p95', 'worst'] AS name, found AS lag
ORDER BY time, series
