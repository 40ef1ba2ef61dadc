-- One row per bucket and quantile: dollars of a priced call.
SELECT
    $__timeInterval(ts) AS time,
    name AS series,
    arrayElement(quantiles(0.5, 0.95)(toFloat64(cost_usd)), indexOf(['median', 'p95'], name)) AS usd
FROM llmcost.calls
ARRAY JOIN ['median', 'p95'] AS name
WHERE $__timeFilter(ts) AND cost_usd IS NOT NULL
    AND ${filters}
GROUP BY time, series
ORDER BY time, series
