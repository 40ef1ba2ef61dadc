-- One row per hour that used a multiple of its own norm, or whose longest call did: the twenty newest.
SELECT
    detected_at, kind, feature, model, ratio, tokens_per_call, expected_tokens_per_call,
    calls, excess_usd, worst_record_id AS record_id
FROM llmcost.token_spikes
WHERE $__timeFilter(detected_at)
    AND ${filters:environment,feature,model}
ORDER BY detected_at DESC, excess_usd DESC NULLS LAST
LIMIT 20
