-- One row per incident that went on in the range, open and expensive ones first. `kind` is its most expensive one.
SELECT
    start AS began_at, state, kinds[1] AS kind, environment, feature, model, excess_usd AS excess, excess_usd_per_day AS per_day,
    share_of_bill AS share, evidence, incident_id
FROM llmcost.incidents
WHERE start < ${until} AND ifNull(end, now()) >= ${since}
    AND ${filters:environment,feature,model}
ORDER BY state = 'open' DESC, level = 'report' DESC, excess DESC NULLS LAST, start DESC, incident_id
LIMIT 50
