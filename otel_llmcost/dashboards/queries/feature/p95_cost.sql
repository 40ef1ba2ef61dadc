-- One row: 95 of 100 priced calls cost no more than this, to within half a per cent. NULL when nothing is priced.
SELECT if(sum(priced_calls) = 0, NULL, toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch)[2])) AS p95_usd
FROM llmcost.daily_calls(since = ${since}, until = $__toTime)
WHERE ${filters}
