-- Cost per outcome: one row per outcome name and the feature it was recorded in, most expensive first.
-- Source: outcome_costs. cost_per_outcome_usd is over outcomes whose cost is known.
SELECT
    outcome,
    if(o.feature = '', '(none)', o.feature) AS feature,
    count() AS outcomes,
    sum(o.value) AS value,
    sum(o.calls / o.sharing) AS calls,
    countIf(o.cost_usd IS NULL) AS unknown_outcomes,
    sum(o.cost_usd) AS cost_usd,
    sum(o.cost_usd) / nullIf(count(o.cost_usd), 0) AS cost_per_outcome_usd,
    toFloat64(sum(o.cost_usd)) / nullIf(sumIf(o.value, o.cost_usd IS NOT NULL), 0) AS cost_per_value_usd
FROM llmcost.outcome_costs AS o
WHERE o.ts >= {since:DateTime64(3, 'UTC')}
    AND o.ts < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR o.environment = {environment:String})
    AND ({service:String} = '' OR o.service = {service:String})
    AND ({feature:String} = '' OR o.feature = {feature:String})
GROUP BY outcome, feature
ORDER BY cost_usd DESC NULLS LAST, outcomes DESC
LIMIT {limit:UInt32}
