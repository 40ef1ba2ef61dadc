-- One row per call: the newest 200 that fit the requested record, trace, session and user; empty boxes are no filter.
-- A record, a trace and a session are found whenever they were.
SELECT
    ts AS called_at, environment, feature, model, cost_usd, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, duration_ms, finish_reason, error_type, user_id, session_id, trace_id, record_id
FROM llmcost.calls
WHERE (${typed:record_id} = '' OR record_id = ${typed:record_id})
    AND (${typed:trace_id} = '' OR trace_id = ${typed:trace_id})
    AND (${typed:session_id} = '' OR session_id = ${typed:session_id})
    AND (${typed:user_id} = '' OR user_id = ${typed:user_id})
    AND (concat(${typed:record_id},
            ${typed:trace_id},
            ${typed:session_id}) != ''
        OR ${range})
    AND ${filters}
ORDER BY called_at DESC
LIMIT 200
SETTINGS $__adHocFilters('llmcost.calls')
