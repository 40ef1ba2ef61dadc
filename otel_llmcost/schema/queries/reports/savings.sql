-- Levers by feature and model, the largest expected saving first, with the sum of the combined plan. reports/savings.py puts conditions
-- between the markers.
SELECT
    feature, model, lever, change, calls, cost_usd, cost_after_usd, saving_low_usd, saving_usd, in_plan, confidence,
    needs_quality_check, assumption, environment, provider,
    ifNull(sumIf(saving_usd, in_plan) OVER (), 0) AS plan_usd,
    ifNull(sumIf(saving_usd, in_plan AND NOT needs_quality_check) OVER (), 0) AS plan_unchecked_usd
FROM llmcost.savings_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)},
    candidate = {candidate:String}, share = {share:Float64}) AS s
WHERE ({environment:String} = '' OR s.environment = {environment:String})
    AND ({feature:String} = '' OR s.feature = {feature:String})
    AND ({model:String} = '' OR s.model = {model:String})
    AND /* only */ 1 /* only */
ORDER BY saving_usd DESC, feature, model, lever
LIMIT {limit:UInt32}
