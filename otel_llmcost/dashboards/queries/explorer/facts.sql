-- One row per fact of the requested record, beyond the table above.
SELECT fact.1 AS name, fact.2 AS content
FROM llmcost.calls
ARRAY JOIN [
    ('requested', toString(request_model)), ('served by', toString(provider)), ('mode', toString(mode)),
    ('cost is', if(cost_reason = '', toString(cost_status), concat(toString(cost_status), ': ', toString(cost_reason)))),
    ('called from', toString(call_site)), ('team', toString(team)), ('service version', toString(service_version)),
    ('response id', response_id), ('scope', scope_id), ('resends', toString(resend_count)), ('stream', toString(stream_outcome)),
    ('prefix fingerprint', prefix_fingerprint), ('price book when recorded', toString(price_version))] AS fact
WHERE record_id = ${typed:record_id} AND record_id != '' AND fact.2 != ''
LIMIT 20
SETTINGS $__adHocFilters('llmcost.calls')
