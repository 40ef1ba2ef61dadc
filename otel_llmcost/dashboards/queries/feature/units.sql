-- One row per unit: what one of them costs, on average and in the tail, to within half a per cent. Units with an unknown
-- cost are counted apart.
SELECT
    unit,
    sum(u.units) AS units,
    toFloat64(sum(u.cost_usd)) / nullIf(known, 0) AS mean_usd,
    if(known = 0, NULL, toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch)[1])) AS median_usd,
    if(known = 0, NULL, toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch)[2])) AS p95_usd,
    max(max_usd) AS highest_usd,
    sum(u.cost_usd) AS total_usd,
    sum(u.calls) / units AS calls_per_unit,
    sum(u.unknown_units) AS unknown_units,
    units - unknown_units AS known
FROM llmcost.daily_units(since = ${since}, until = $__toTime) AS u
WHERE unit != 'trace' AND ${units}
GROUP BY unit
ORDER BY unit
LIMIT 10
