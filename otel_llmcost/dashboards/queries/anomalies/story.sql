-- One row per fact of the chosen incident.
SELECT fact.1 AS name, fact.2 AS content
FROM llmcost.incidents
ARRAY JOIN [
    ('what', concat(arrayStringConcat(arrayMap(k -> toString(k), kinds), ', '), ' in ', feature, ', ', environment)),
    ('because of', toString(cause)),
    ('since', concat(formatDateTime(start, '%Y-%m-%d %H:%i'), if(service_version = '', '', concat('; version ', service_version,
        ifNull(concat(' since ', formatDateTime(version_since, '%Y-%m-%d %H:%i')), ''))))),
    ('until', concat(ifNull(formatDateTime(end, '%Y-%m-%d %H:%i'), 'it goes on'), ', seen on ', toString(days), if(days = 1, ' day', ' days'))),
    ('excess', ifNull(concat(toString(round(excess_usd, 2)), ' USD', ifNull(concat(', a day ', toString(round(excess_usd_per_day, 2)), ' USD'), '')), 'unknown')),
    ('part of', arrayStringConcat(arrayFilter(x -> x != '', [
        ifNull(concat('the feature ', toString(round(100 * share_of_feature, 1)), ' %'), ''),
        ifNull(concat('the bill ', toString(round(100 * share_of_bill, 1)), ' %'), '')]), ', ')),
    ('concerns', concat(toString(users), ' users, ', toString(sessions), ' sessions')),
    ('state', concat(state, if(note = '', '', concat(': ', note)))),
    ('it is meant', concat('otel-llmcost incidents ack ', incident_id, ' --expected')),
    ('it is known', concat('otel-llmcost incidents ack ', incident_id))] AS fact
WHERE incident_id = ${typed:incident} AND fact.2 != ''
LIMIT 20
