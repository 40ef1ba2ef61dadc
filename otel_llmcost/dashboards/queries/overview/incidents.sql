-- One row per incident that went on in the range: the ten that cost most beyond the norm, open ones first.
SELECT
    state, kinds[1] AS kind, environment, feature, model, excess_usd AS excess, excess_usd_per_day AS per_day, share_of_bill AS share,
    evidence, worst_record_id AS record_id, incident_id
FROM llmcost.incidents
WHERE start < ${until} AND ifNull(end, now()) >= ${since} AND level = 'report' AND state NOT IN ('expected', 'muted')
    AND ${filters:environment,feature,model}
ORDER BY state = 'open' DESC, excess DESC NULLS LAST, incident_id
LIMIT 10
