-- One row per bucket and series: dollars, by what the reader groups by. The seven most expensive, the rest as other.
-- `color`: the rank in 30 days, else the place here. The picker's values are constants that are compared, never pasted
-- as a name.
WITH ${ranked:group} AS ranks
SELECT
    time,
    if(is_shown, concat(${kind}, toString(if(has(ranks, name), indexOf(ranks, name), 8 + place))), 'other') AS color,
    if(NOT is_shown, 'other', if(name = '', '(none)', name)) AS series,
    sum(spent) AS usd
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC NULLS LAST, name) AS place, place <= 7 AND ifNull(total > 0, false) AS is_shown
    FROM
    (
        SELECT $__timeInterval(hour) AS time, ${group} AS name, sum(cost_usd) AS spent, sum(spent) OVER (PARTITION BY name) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, name
    )
)
GROUP BY time, color, series
HAVING usd IS NOT NULL
ORDER BY time, color, series
