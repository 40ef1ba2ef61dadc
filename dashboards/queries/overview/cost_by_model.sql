-- One row per bucket and series: dollars. The seven dearest models of the range, the rest as other.
WITH top AS
(
    SELECT model
    FROM llmcost.spend_1h
    WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
        AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
        AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
    GROUP BY model
    HAVING sum(cost_usd) > 0
    ORDER BY sum(cost_usd) DESC
    LIMIT 7
)
SELECT
    $__timeInterval(hour) AS time,
    if(model IN (SELECT model FROM top), model, 'other') AS series,
    sum(cost_usd) AS usd
FROM llmcost.spend_1h
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
    AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
