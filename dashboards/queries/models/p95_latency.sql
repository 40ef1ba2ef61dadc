-- One row: 95 of 100 calls took no longer than this. NULL without calls.
SELECT if(count() = 0, NULL, toNullable(quantile(0.95)(duration_ms))) AS p95_ms
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
