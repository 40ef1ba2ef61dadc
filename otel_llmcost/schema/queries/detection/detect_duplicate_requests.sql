-- The very same request is sent again and again, far more often than usual: what a cache of replies would have saved.
SELECT
    environment, feature, model, started_at, calls,
    base_repeated_share AS expected, repeated_calls / fingerprinted_calls AS actual,
    'share of requests that repeat an earlier one of the hour' AS unit,
    (repeated_calls - expected * fingerprinted_calls) * usd / calls AS excess,
    concat(toString(repeated_calls), ' of ', toString(fingerprinted_calls), ' requests were repeats') AS why,
    arrayMax(h -> if(h.fingerprinted_calls > 0 AND h.repeated_calls / h.fingerprinted_calls >= (expected + actual) / 2, h.hour, started_at), hours) AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE NOT is_inherited AND base_fingerprinted_hours >= 6 AND base_fingerprinted_calls >= 20 AND repeated_calls >= 10 AND actual >= 0.3
    AND repeated_calls >= 3 * expected * fingerprinted_calls + 4 * sqrt(expected * fingerprinted_calls)
    AND ifNull(excess >= needed_usd, true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
