-- Ours, theirs and why they differ: one row per day, provider and model.
SELECT *
FROM llmcost.reconciliation_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
ORDER BY day, provider, model
