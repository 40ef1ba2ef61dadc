-- On which terms a feature's calls to a model, or to the model that replaces it ({candidate:String}, '' for none), were
-- made: one row per model and tier. Whole hours. Source: term_days.
SELECT
    provider, model, mode,
    {candidate:String} != '' AND startsWith(model, {candidate:String}) AS is_candidate,
    sum(d.calls) AS calls, sum(d.cost_usd) AS cost_usd
FROM llmcost_internal.term_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS d
WHERE is_free = 0 AND environment = {environment:String} AND feature = {feature:String}
    AND (provider = {provider:String} AND model = {model:String} OR is_candidate)
GROUP BY provider, model, mode
ORDER BY calls DESC, provider, model, mode
