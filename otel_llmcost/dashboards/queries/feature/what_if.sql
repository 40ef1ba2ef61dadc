-- One row per feature and model: the same tokens at the candidate's list price.
SELECT
    feature, model,
    sum(w.calls) AS call_count,
    sum(w.cost_usd) AS total_usd,
    if(count() = count(w.candidate_cost_usd), sum(w.candidate_cost_usd), NULL) AS candidate_usd,
    candidate_usd - total_usd AS changed_usd
FROM llmcost.what_if_model AS w
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND candidate_model = ${typed:candidate}
    AND ${filters:environment,feature,model}
GROUP BY feature, model
ORDER BY total_usd DESC
LIMIT 20
