-- One row per call: the twenty dearest of exactly this range.
SELECT
    ts AS called_at, feature, model, cost_usd, input_tokens, cache_read_tokens, output_tokens,
    duration_ms, user_id, call_site, record_id
FROM llmcost.spend_top_calls
WHERE $__timeFilter(ts) AND cost_usd IS NOT NULL
    AND ${filters:environment,service,feature,model}
ORDER BY cost_usd DESC, called_at DESC
LIMIT 20
