-- One row per day and team: dollars. The seven dearest teams, the rest as other.
WITH top AS
(
    SELECT team
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
    GROUP BY team
    HAVING sum(cost_usd) > 0
    ORDER BY sum(cost_usd) DESC
    LIMIT 7
)
SELECT
    toStartOfDay(hour) AS time,
    multiIf(team NOT IN (SELECT team FROM top), 'other', team = '', '(no team)', team) AS series,
    sum(cost_usd) AS usd
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
