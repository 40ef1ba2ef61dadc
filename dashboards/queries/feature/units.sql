-- One row per unit: what one of them costs, on average and in the tail. Units with an unknown cost are counted apart.
-- Grouped by hashes of their ids, which are a third of the work.
SELECT
    ['run', 'session', 'user', 'customer'][kind] AS unit,
    count() AS units,
    avg(toFloat64(usd)) AS mean_usd,
    quantile(0.5)(toFloat64(usd)) AS median_usd,
    quantile(0.95)(toFloat64(usd)) AS p95_usd,
    max(usd) AS dearest_usd,
    sum(usd) AS total_usd,
    sum(unit_calls) / count() AS calls_per_unit,
    countIf(usd IS NULL) AS unknown_units
FROM
(
    SELECT key.1 AS kind, key.2 AS id, sum(cost_usd) AS usd, count() AS unit_calls
    FROM llmcost.calls
    ARRAY JOIN [(toUInt8(1), cityHash64(scope_id)), (toUInt8(2), cityHash64(session_id)), (toUInt8(3), cityHash64(user_id)),
        (toUInt8(4), cityHash64(allocation['customer']))] AS key
    WHERE ts >= $__fromTime AND ts < $__toTime AND id != cityHash64('')
        AND ${filters:environment,service,feature,team}
    GROUP BY kind, id
)
GROUP BY kind
ORDER BY unit
LIMIT 10
