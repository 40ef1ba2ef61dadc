-- One row per budget that holds today.
SELECT
    name, scope, scope_value, period, amount_usd, spent_usd, used_share, state,
    burn_usd_per_day, forecast_usd, forecast_low_usd, forecast_high_usd, days_to_exhaustion
FROM llmcost.budget_status
ORDER BY used_share DESC, name
LIMIT 50
