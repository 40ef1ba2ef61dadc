-- One row per feature: dollars of the range, the ten dearest.
SELECT feature, sum(cost_usd) AS usd
FROM llmcost.spend_1h
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
    AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
GROUP BY feature
HAVING usd IS NOT NULL
ORDER BY usd DESC
LIMIT 10
