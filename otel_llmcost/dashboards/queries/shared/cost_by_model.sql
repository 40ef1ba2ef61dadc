-- One row per bucket and series: dollars. The seven most expensive models of the range, the rest as other. `color`: the
-- model's rank in 30 days, else its place here.
WITH ${ranked:model} AS ranks
SELECT
    time,
    if(is_shown, concat('model ', toString(if(has(ranks, name), indexOf(ranks, name), 8 + place))), 'other') AS color,
    if(is_shown, name, 'other') AS series,
    sum(spent) AS usd
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC NULLS LAST, name) AS place, place <= 7 AND ifNull(total > 0, false) AS is_shown
    FROM
    (
        SELECT $__timeInterval(hour) AS time, toString(model) AS name, sum(cost_usd) AS spent, sum(spent) OVER (PARTITION BY name) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, name
    )
)
GROUP BY time, color, series
HAVING usd IS NOT NULL
ORDER BY time, color, series
