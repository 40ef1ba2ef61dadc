-- One row per feature, model and lever, those of the plan first: what the last 30 days could have cost less.
SELECT feature, model, lever, change, calls, cost_usd, saving_low_usd, saving_usd,
    if(in_plan, 'in the plan', 'instead') AS plan, confidence, if(needs_quality_check, 'yes', '') AS quality_check, assumption
FROM llmcost.savings
WHERE ${filters:environment,feature,model}
ORDER BY in_plan DESC, saving_usd DESC
LIMIT 50
