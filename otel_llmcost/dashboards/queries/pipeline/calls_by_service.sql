-- One row per bucket and service: calls. The seven busiest of the range, the rest as other.
SELECT time, if(place <= 7, service, 'other') AS series, sum(made) AS call_count
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, service) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, service, sum(calls) AS made, sum(made) OVER (PARTITION BY service) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, service
    )
)
GROUP BY time, series
ORDER BY time, series
