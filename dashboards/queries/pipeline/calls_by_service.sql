-- One row per bucket and service: calls.
WITH top AS
(
    SELECT service
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
    GROUP BY service
    ORDER BY sum(calls) DESC
    LIMIT 7
)
SELECT $__timeInterval(hour) AS time, if(service IN (SELECT service FROM top), service, 'other') AS series, sum(calls) AS call_count
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
GROUP BY time, series
ORDER BY time, series
