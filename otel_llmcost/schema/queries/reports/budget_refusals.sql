-- What budgets refused since a moment: one row per budget, environment, feature and model. `estimate_usd` is what the
-- refused calls would have cost, as far as that was known. Source: budget_decisions.
SELECT
    budget, environment, feature, request_model AS model, count() AS refused, sum(d.estimate_usd) AS estimate_usd,
    countIf(d.estimate_usd IS NULL) AS unknown_estimates, min(ts) AS first_ts, max(ts) AS last_ts
FROM llmcost.budget_decisions AS d FINAL
WHERE decision = 'blocked' AND ts >= {since:DateTime64(3, 'UTC')}
GROUP BY budget, environment, feature, model
ORDER BY refused DESC, budget, feature, model
LIMIT {limit:UInt32}
