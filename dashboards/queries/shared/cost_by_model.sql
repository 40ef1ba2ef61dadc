-- One row per bucket and series: dollars. The seven dearest models of the range, the rest as other.
WITH top AS
(
    SELECT model
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
    GROUP BY model
    HAVING sum(cost_usd) > 0
    ORDER BY sum(cost_usd) DESC
    LIMIT 7
)
SELECT
    $__timeInterval(hour) AS time,
    if(model IN (SELECT model FROM top), model, 'other') AS series,
    sum(cost_usd) AS usd
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
