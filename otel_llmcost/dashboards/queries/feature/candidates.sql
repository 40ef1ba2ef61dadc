-- One row per candidate: a model at its home provider, then `provider/model` for the others that sell it.
SELECT candidate_model
FROM llmcost.candidate_models
WHERE NOT endsWith(model, '*')
ORDER BY candidate_model != model, candidate_model
LIMIT 2000
