-- One row: dollars of the range. NULL when nothing is priced.
SELECT sum(cost_usd) AS spend_usd
FROM llmcost.spend_1h
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
    AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
