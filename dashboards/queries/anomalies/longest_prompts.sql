-- One row per call: the fifteen with most input tokens.
SELECT ts AS called_at, feature, model, input_tokens, cache_read_tokens, output_tokens, cost_usd, record_id
FROM llmcost.calls
WHERE $__timeFilter(ts) AND input_tokens > 0
    AND ${filters}
ORDER BY input_tokens DESC, called_at
LIMIT 15
