-- One row per environment, feature and model: dollars per call of the last 24 hours against the 7 days before.
WITH
    hour >= toStartOfHour($__toTime) - INTERVAL 24 HOUR AS lately
SELECT
    environment, feature, model,
    toFloat64(sumIf(s.cost_usd, NOT lately)) / nullIf(sumIf(s.priced_calls, NOT lately), 0) AS week_usd,
    toFloat64(sumIf(s.cost_usd, lately)) / nullIf(sumIf(s.priced_calls, lately), 0) AS day_usd,
    day_usd / nullIf(week_usd, 0) AS times_week,
    sumIf(s.priced_calls, lately) AS call_count,
    (day_usd - week_usd) * call_count AS excess
FROM llmcost.hourly_spend AS s
WHERE hour >= toStartOfHour($__toTime) - INTERVAL 192 HOUR AND hour <= $__toTime
    AND ${filters}
GROUP BY environment, feature, model
HAVING times_week > 1.1 AND call_count >= 5
ORDER BY excess DESC
LIMIT 15
