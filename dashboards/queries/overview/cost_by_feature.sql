-- One row per bucket and series: dollars. The seven dearest features of the range, the rest as other.
WITH top AS
(
    SELECT feature
    FROM llmcost.spend_1h
    WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
        AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
        AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
    GROUP BY feature
    HAVING sum(cost_usd) > 0
    ORDER BY sum(cost_usd) DESC
    LIMIT 7
)
SELECT
    $__timeInterval(hour) AS time,
    if(feature IN (SELECT feature FROM top), feature, 'other') AS series,
    sum(cost_usd) AS usd
FROM llmcost.spend_1h
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
    AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
