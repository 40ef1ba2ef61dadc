-- One row: 95 of 100 calls took no longer than this, to within half a per cent. NULL without calls.
SELECT if(sum(calls) = 0, NULL, toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(duration_sketch)[2])) AS p95_ms
FROM llmcost.daily_calls(since = ${since}, until = $__toTime)
WHERE ${filters}
