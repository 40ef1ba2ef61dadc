-- One row per bucket and model: calls. The seven busiest of the range, the rest as other.
SELECT time, if(place <= 7, model, 'other') AS series, sum(made) AS call_count
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, model) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, model, sum(calls) AS made, sum(made) OVER (PARTITION BY model) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, model
    )
)
GROUP BY time, series
ORDER BY time, series
