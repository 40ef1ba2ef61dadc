-- One row per feature, model and lever that is in the plan: what the last 30 days could have cost less.
SELECT feature, model, lever, calls, cost_usd, saving_low_usd, saving_usd, confidence, assumption
FROM llmcost.savings
WHERE in_plan
    AND ${filters:environment,feature,model}
ORDER BY saving_usd DESC
LIMIT 15
