-- One row per bucket and model: calls.
WITH top AS
(
    SELECT model
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
    GROUP BY model
    ORDER BY sum(calls) DESC
    LIMIT 7
)
SELECT
    $__timeInterval(hour) AS time,
    if(model IN (SELECT model FROM top), model, 'other') AS series,
    sum(calls) AS call_count
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
GROUP BY time, series
ORDER BY time, series
