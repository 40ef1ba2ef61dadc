-- One row: 95 of 100 priced calls cost no more than this. Up to 100,000 calls from the calls themselves, beyond from
-- sketches, to within half a per cent. NULL when nothing is priced.
WITH ${few} AS is_exact
SELECT if(is_exact, exact.usd, sketched.usd) AS p95_usd
FROM
(
    SELECT quantileExactOrNull(0.95)(toFloat64(cost_usd)) AS usd
    FROM llmcost.calls
    WHERE is_exact AND ${range} AND cost_usd IS NOT NULL
        AND ${filters}
) AS exact
CROSS JOIN
(
    SELECT if(sum(priced_calls) = 0, NULL, toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch)[2])) AS usd
    FROM llmcost.daily_calls(since = ${since}, until = ${until})
    WHERE NOT is_exact
        AND ${filters}
) AS sketched
