-- One row: 95 of 100 priced calls cost no more than this. NULL when nothing is priced.
SELECT if(count(cost_usd) = 0, NULL, quantile(0.95)(toFloat64(cost_usd))) AS p95_usd
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
