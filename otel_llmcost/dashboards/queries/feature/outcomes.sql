-- One row per outcome: how many, and what each cost.
SELECT
    outcome,
    count() AS outcomes,
    sum(o.cost_usd) AS total_usd,
    toFloat64(total_usd) / nullIf(count(o.cost_usd), 0) AS usd_per_outcome,
    toFloat64(total_usd) / nullIf(sumIf(o.value, o.cost_usd IS NOT NULL), 0) AS usd_per_value,
    sum(o.calls / o.sharing) / count() AS calls_per_outcome,
    countIf(o.cost_usd IS NULL) AS unknown_outcomes
FROM llmcost.outcome_costs AS o
WHERE ${range}
    AND ${filters:environment,service,feature,team}
GROUP BY outcome
ORDER BY total_usd DESC NULLS LAST, outcomes DESC
LIMIT 20
