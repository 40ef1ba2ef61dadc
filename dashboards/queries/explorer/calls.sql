-- One row per call: the newest 200 that fit the record, trace, session and user asked for; empty boxes ask for all.
SELECT
    ts AS called_at, environment, feature, model, cost_usd, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, duration_ms, finish_reason, error_type, user_id, session_id, trace_id, record_id
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND (${record_id:singlequote} = '' OR record_id = ${record_id:singlequote})
    AND (${trace_id:singlequote} = '' OR trace_id = ${trace_id:singlequote})
    AND (${session_id:singlequote} = '' OR session_id = ${session_id:singlequote})
    AND (${user_id:singlequote} = '' OR user_id = ${user_id:singlequote})
    AND ${filters}
ORDER BY called_at DESC
LIMIT 200
