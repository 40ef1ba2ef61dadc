-- One row per incident of 90 days that can be chosen: its id, and what the picker says. Open and expensive ones first.
SELECT
    incident_id,
    concat(feature, ' (', environment, '): ', kinds[1], ', ', formatDateTime(start, '%Y-%m-%d %H:%i'), ', ', state) AS said
FROM llmcost.incidents
WHERE start >= now() - INTERVAL 90 DAY
ORDER BY state = 'open' DESC, level = 'report' DESC, excess_usd DESC NULLS LAST, start DESC, incident_id
LIMIT 1000
