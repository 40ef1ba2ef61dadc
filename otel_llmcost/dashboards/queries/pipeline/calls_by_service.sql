-- One row per bucket and service: calls. The seven busiest of the range, the rest as other. `color`: the service's rank
-- by dollars in 30 days, else its place here.
WITH ${ranked:service} AS ranks
SELECT
    time,
    if(place > 7, 'other', concat('feature ', toString(if(has(ranks, name), indexOf(ranks, name), 8 + place)))) AS color,
    if(place > 7, 'other', name) AS series,
    sum(made) AS call_count
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, name) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, toString(service) AS name, sum(calls) AS made, sum(made) OVER (PARTITION BY name) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, name
    )
)
GROUP BY time, color, series
ORDER BY time, color, series
