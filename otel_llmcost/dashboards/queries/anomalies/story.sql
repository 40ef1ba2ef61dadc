-- One row per fact of the chosen incident.
SELECT fact.1 AS name, fact.2 AS content
FROM llmcost.incidents
ARRAY JOIN [
    ('what', evidence), ('feature', concat(feature, ', ', environment)), ('model', toString(model)),
    ('state', concat(state, if(note = '', '', concat(': ', note)))),
    ('since', formatDateTime(start, '%Y-%m-%d %H:%i')), ('until', ifNull(formatDateTime(end, '%Y-%m-%d %H:%i'), 'it goes on')),
    ('days', toString(days)), ('because of', toString(cause)),
    ('version', if(service_version = '', '', concat(service_version, ifNull(concat(', since ', formatDateTime(version_since, '%Y-%m-%d %H:%i')), '')))),
    ('excess', ifNull(concat(toString(round(excess_usd, 2)), ' USD', ifNull(concat(', a day ', toString(round(excess_usd_per_day, 2)), ' USD'), '')), 'unknown')),
    ('part of the feature', ifNull(concat(toString(round(100 * share_of_feature, 1)), ' %'), '')),
    ('part of the bill', ifNull(concat(toString(round(100 * share_of_bill, 1)), ' %'), '')),
    ('users, sessions', concat(toString(users), ', ', toString(sessions))),
    ('it is meant', concat('otel-llmcost anomalies ack ', incident_id, ' --expected')),
    ('it is known', concat('otel-llmcost anomalies ack ', incident_id))] AS fact
WHERE incident_id = ${typed:incident} AND fact.2 != ''
LIMIT 20
