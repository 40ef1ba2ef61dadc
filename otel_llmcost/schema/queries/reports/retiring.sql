-- One row per feature and model that its provider will switch off: what it cost in whole UTC days, and what its successor would
-- have cost for the same tokens (NULL where it does not sell what was used). The parameters models and successors are parallel.
-- Source: what_if_model.
SELECT
    w.feature AS feature,
    w.model AS model,
    sum(w.calls) AS call_count,
    sum(w.cost_usd) AS spent_usd,
    if(count() = count(w.candidate_cost_usd), sum(w.candidate_cost_usd), NULL) AS successor_usd
FROM llmcost.what_if_model AS w
WHERE w.day >= toDate({since:DateTime64(3)}, 'UTC') AND w.day <= toDate({until:DateTime64(3)}, 'UTC')
    AND w.provider IN {providers:Array(String)} AND w.model IN {models:Array(String)}
    AND w.candidate_model = transform(toString(w.model), {models:Array(String)}, {successors:Array(String)}, '')
    AND ({environment:String} = '' OR w.environment = {environment:String})
    AND ({feature:String} = '' OR w.feature = {feature:String})
    AND ({model:String} = '' OR w.model = {model:String})
GROUP BY feature, model
ORDER BY spent_usd DESC, feature, model
