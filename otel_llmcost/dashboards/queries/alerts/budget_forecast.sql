-- One row per budget of a day, week or month: dollars it will be over by the end of its period, 0 when it will hold.
SELECT
    name, scope, scope_value, period,
    greatest(0, ifNull(forecast_usd, toFloat64(spent_usd)) - toFloat64(amount_usd)) AS over_usd
FROM llmcost.budget_status
WHERE period != 'call'
ORDER BY name, scope, scope_value, period
LIMIT 1000
