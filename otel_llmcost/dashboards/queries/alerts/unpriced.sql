-- One row per environment, provider and model: calls of the window whose dollars are unknown, 0 when all are priced.
SELECT environment, provider, model, sum(unpriced_calls) AS unpriced
FROM llmcost.hourly_spend
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
GROUP BY environment, provider, model
ORDER BY environment, provider, model
LIMIT 1000
