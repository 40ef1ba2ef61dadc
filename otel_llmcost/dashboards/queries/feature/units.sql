-- One row per unit: how many different ones the range has, and what one of them costs in it. Units with an unknown cost
-- are counted apart.
SELECT
    unit,
    count() AS units,
    toFloat64(sum(usd)) / nullIf(count(usd), 0) AS mean_usd,
    quantileExactOrNull(0.5)(toFloat64(usd)) AS median_usd,
    quantileExactOrNull(0.95)(toFloat64(usd)) AS p95_usd,
    max(usd) AS highest_usd,
    sum(usd) AS total_usd,
    sum(made) / units AS calls_per_unit,
    countIf(usd IS NULL) AS unknown_units
FROM
(
    SELECT one.1 AS unit, sum(c.cost_usd) AS usd, count() AS made
    FROM llmcost.calls AS c
    ARRAY JOIN [('run', scope_id), ('session', session_id), ('user', user_id), ('customer', allocation['customer'])] AS one
    WHERE ${range} AND one.2 != ''
        AND ${filters}
    GROUP BY unit, one.2
)
GROUP BY unit
ORDER BY unit
LIMIT 10
