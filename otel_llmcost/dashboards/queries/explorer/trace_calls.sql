-- One row per call of the requested trace, in order: what each added.
SELECT concat(leftPad(toString(row_number() OVER (ORDER BY ts, record_id)), 2, '0'), ' ', operation, ' ', model) AS name, cost_usd
FROM llmcost.calls
WHERE trace_id = ${typed:trace_id} AND trace_id != '' AND cost_usd IS NOT NULL
ORDER BY ts, record_id
LIMIT 40
SETTINGS $__adHocFilters('llmcost.calls')
