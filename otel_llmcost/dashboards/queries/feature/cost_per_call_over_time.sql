-- One row per bucket and quantile: dollars of a priced call. Of a week and more with over 100,000 calls: by day, from
-- sketches, to within half a per cent.
WITH ${step} != 86400 OR ${few} AS is_exact
SELECT time, name AS series, usd
FROM
(
    SELECT $__timeInterval(ts) AS time, quantilesExact(0.5, 0.95)(toFloat64(assumeNotNull(cost_usd))) AS found
    FROM llmcost.calls
    WHERE is_exact AND ${range} AND cost_usd IS NOT NULL
        AND ${filters}
    GROUP BY time
    UNION ALL
    SELECT toDateTime(day, 'UTC') AS time, quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch) AS found
    FROM llmcost.daily_calls(since = ${since}, until = ${until})
    WHERE NOT is_exact AND priced_calls > 0
        AND ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'p95'] AS name, found AS usd
ORDER BY time, series
