-- One row per unit: what one of them costs, on average and in the tail. Units with an unknown cost are counted apart.
SELECT
    unit,
    uniqExact(unit_id) AS units,
    avg(toFloat64(usd)) AS mean_usd,
    quantile(0.5)(toFloat64(usd)) AS median_usd,
    quantile(0.95)(toFloat64(usd)) AS p95_usd,
    max(usd) AS dearest_usd,
    sum(usd) AS total_usd,
    sum(unit_calls) / uniqExact(unit_id) AS calls_per_unit,
    countIf(usd IS NULL) AS unknown_units
FROM
(
    SELECT unit, unit_id, sum(cost_usd) AS usd, sum(calls) AS unit_calls
    FROM llmcost.unit_costs(since = $__fromTime, until = $__toTime)
    WHERE ${filters:environment,service,feature,team}
    GROUP BY unit, unit_id
)
GROUP BY unit
ORDER BY unit
LIMIT 10
