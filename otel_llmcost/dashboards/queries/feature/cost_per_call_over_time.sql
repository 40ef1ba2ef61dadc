-- One row per bucket and quantile: dollars of a priced call. By day, to within half a per cent, from seven days on.
SELECT time, name AS series, usd
FROM
(
    SELECT $__timeInterval(ts) AS time, quantiles(0.5, 0.95)(toFloat64(cost_usd)) AS found
    FROM llmcost.calls
    WHERE ${step} != 86400 AND $__timeFilter(ts) AND cost_usd IS NOT NULL
        AND ${filters}
    GROUP BY time
    UNION ALL
    SELECT toDateTime(day, 'UTC') AS time, quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch) AS found
    FROM llmcost.daily_calls(since = ${since}, until = if(${step} = 86400, $__toTime, ${since}))
    WHERE priced_calls > 0
        AND ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'p95'] AS name, found AS usd
ORDER BY time, series
