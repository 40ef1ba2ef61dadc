-- Replies end at the token limit far more often than usual: paid for, and cut off.
SELECT
    environment, feature, model, started_at, calls,
    base_truncated_share AS expected, truncated_calls / n AS actual, 'share of replies cut off at the token limit' AS unit,
    truncated_usd * (1 - base_truncated_share * n / truncated_calls) AS excess,
    if(service_version != base_service_version, concat('since version ', service_version, ' (was ', base_service_version, ')'), '') AS why,
    arrayMax(h -> if(h.n > 0 AND h.truncated_calls / h.n >= (expected + actual) / 2, h.hour, started_at), hours) AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE base_hours > 0 AND NOT is_inherited AND truncated_calls >= 5 AND truncated_calls >= 0.2 * n
    -- Four standard errors above three times the usual share.
    AND truncated_calls >= 3 * base_truncated_share * n + 4 * sqrt(base_truncated_share * n)
    AND ifNull(excess >= needed_usd, true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
