-- One row per day and team: dollars. The seven most expensive teams, the rest as other.
SELECT time, multiIf(place > 7 OR NOT ifNull(total > 0, false), 'other', team = '', '(no team)', team) AS series, sum(spent) AS usd
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC NULLS LAST, team) AS place
    FROM
    (
        SELECT toStartOfDay(hour) AS time, team, sum(cost_usd) AS spent, sum(spent) OVER (PARTITION BY team) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, team
    )
)
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
