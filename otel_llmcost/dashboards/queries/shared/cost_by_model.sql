-- One row per bucket and series: dollars. The seven most expensive models of the range, the rest as other.
SELECT time, if(place <= 7 AND total > 0, model, 'other') AS series, sum(spent) AS usd
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC NULLS LAST, model) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, model, sum(cost_usd) AS spent, sum(spent) OVER (PARTITION BY model) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, model
    )
)
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
