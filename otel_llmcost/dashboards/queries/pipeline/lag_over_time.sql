-- One row per bucket and quantile: seconds from the end of a call to its row in the store, median and p95 to within half a
-- per cent. By day from seven days on.
SELECT time, name AS series, lag AS lag_s
FROM
(
    SELECT time, arrayPushBack(quantilesDDMerge(0.005, 0.5, 0.95)(lag_sketch), max(max_lag_s)) AS found
    FROM llmcost.finish_reasons(since = ${since}, until = $__toTime, step = ${step})
    WHERE ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'p95', 'worst'] AS name, found AS lag
ORDER BY time, series
