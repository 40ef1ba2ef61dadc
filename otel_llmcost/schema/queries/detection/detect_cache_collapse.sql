-- A prompt that used to come from the cache no longer does: its share of input tokens fell to a third or less.
SELECT
    environment, feature, model, started_at, calls,
    base_read_share AS expected, cache_read_tokens / input_tokens AS actual, 'share of input tokens read from the cache' AS unit,
    -- More expensive per input token, not longer.
    input_usd - input_tokens * base_input_usd / base_input_tokens AS excess,
    multiIf(
        service_version != base_service_version, concat('since version ', service_version, ' (was ', base_service_version, ')'),
        prefix_fingerprint = '' OR base_prefix_fingerprint = '', 'why is unknown: calls carry no fingerprints (LLMCOST_FINGERPRINT)',
        prefix_fingerprint != base_prefix_fingerprint, 'the prompt prefix changed',
        'the prompt prefix is the same: calls came too seldom for the cache, or it was switched off') AS why,
    arrayMax(h -> if(h.input_tokens > 0 AND h.cache_read_tokens / h.input_tokens <= (expected + actual) / 2, h.hour, started_at), hours) AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE base_hours > 0 AND NOT is_inherited AND n >= 5 AND input_tokens > 0 AND base_read_share >= 0.2 AND cache_read_tokens / input_tokens <= base_read_share / 3
    AND ifNull(excess >= needed_usd, true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
