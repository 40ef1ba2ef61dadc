-- One row per bucket: seconds from the end of a call to its row in the store, the median and the worst. By day from seven
-- days on.
SELECT time, name AS series, lag AS lag_s
FROM
(
    SELECT time, [quantilesDDMerge(0.005, 0.5, 0.95)(lag_sketch)[1], max(max_lag_s)] AS found
    FROM llmcost.finish_reasons(since = ${since}, until = ${until}, step = ${step})
    WHERE ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'worst'] AS name, found AS lag
ORDER BY time, series
