-- Replies are at least twice as long as they usually are, or half as long again for six hours: all of them, not
-- one long one.
SELECT
    environment, feature, model, started_at, calls,
    base_output_tokens AS expected, output_tokens / n AS actual, 'output tokens per call' AS unit,
    output_usd - n * base_output_usd AS excess,
    if(service_version != base_service_version, concat('since version ', service_version, ' (was ', base_service_version, ')'), '') AS why,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost.hour_norms(now = {now:DateTime('UTC')})
WHERE (n >= 5 AND output_ratio >= 2 AND output_mid_ratio >= 1.8 OR n >= 30 AND w = 6 AND output_ratio >= 1.5 AND output_mid_ratio >= 1.4)
    AND output_z >= 4
    AND ifNull(excess >= greatest({floor_usd:Float64}, hour_usd / 4), true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
