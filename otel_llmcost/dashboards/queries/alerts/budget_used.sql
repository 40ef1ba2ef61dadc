-- One row per budget: dollars beyond its warning share, 0 below it.
SELECT
    name, scope, scope_value, period,
    greatest(0, toFloat64(spent_usd) - toFloat64(amount_usd) * soft_percent / 100) AS beyond_usd
FROM llmcost.budget_status
ORDER BY name, scope, scope_value, period
LIMIT 1000
