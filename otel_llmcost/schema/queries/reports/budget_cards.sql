-- Budgets that hold today, with their period, spend and forecast, the most used first. Source: budget_status_in.
SELECT name, scope, scope_value, period, amount_usd, soft_percent, action, period_start, period_end, spent_usd, used_share,
    state, days_left, burn_usd_per_day, forecast_usd, forecast_low_usd, forecast_high_usd, days_to_exhaustion
FROM llmcost.budget_status_in(timezone = {timezone:String})
ORDER BY used_share DESC, name
