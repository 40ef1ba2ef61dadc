-- Calls carry far more input tokens than they usually do: 1.7 times, or 1.3 times in many calls of three hours. And more
-- than in the longest hours of the past week, or three standard errors more: all of them, not one long one.
SELECT
    environment, feature, model, started_at, calls,
    base_input_tokens AS expected, input_tokens / n AS actual, 'input tokens per call' AS unit,
    input_usd - n * base_input_usd AS excess,
    multiIf(
        service_version != base_service_version, concat('since version ', service_version, ' (was ', base_service_version, ')'),
        prefix_fingerprint != base_prefix_fingerprint AND prefix_fingerprint != '' AND base_prefix_fingerprint != '', 'the prompt prefix changed',
        '') AS why,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE base_hours > 0
    AND (n >= 5 AND input_ratio >= 1.7 OR n >= 20 AND w >= 3 AND input_ratio >= 1.3)
    AND (input_most_ratio >= 1.1 * exp(input_error) OR input_z >= 3 AND input_mid_ratio >= 1.3)
    AND ifNull(excess >= greatest({floor_usd:Float64}, hour_usd / 4), true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
