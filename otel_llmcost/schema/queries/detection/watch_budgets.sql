-- Budgets that are nearly or quite used up: one row each. Source: budget_status.
SELECT name, scope, scope_value, period, period_start, amount_usd, spent_usd, used_share, state, forecast_usd
FROM llmcost.budget_status_in(timezone = {timezone:String})
WHERE state != 'ok'
ORDER BY used_share DESC, name
