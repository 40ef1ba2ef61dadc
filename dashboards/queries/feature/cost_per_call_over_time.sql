-- One row per bucket and quantile: dollars of a priced call.
SELECT time, name AS series, usd
FROM
(
    SELECT $__timeInterval(ts) AS time, quantiles(0.5, 0.95)(toFloat64(cost_usd)) AS found
    FROM llmcost.calls
    WHERE $__timeFilter(ts) AND cost_usd IS NOT NULL
        AND ${filters}
    GROUP BY time
)
ARRAY JOIN ['median', 'p95'] AS name, found AS usd
ORDER BY time, series
