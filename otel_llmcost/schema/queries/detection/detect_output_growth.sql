-- Replies are far longer than they usually are: 1.7 times, or 1.3 times in many calls of three hours. And longer than
-- in the longest hours of the past week, or three standard errors longer: all of them, not one long one.
SELECT
    environment, feature, model, started_at, calls,
    base_output_tokens AS expected, output_tokens / n AS actual, 'output tokens per call' AS unit,
    output_usd - n * base_output_usd AS excess,
    if(service_version != base_service_version, concat('since version ', service_version, ' (was ', base_service_version, ')'), '') AS why,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE base_hours > 0
    AND (n >= 5 AND output_ratio >= 1.7 OR n >= 20 AND w >= 3 AND output_ratio >= 1.3)
    AND (output_most_ratio >= 1.1 * exp(output_error) OR output_z >= 3 AND output_mid_ratio >= 1.3)
    AND ifNull(excess >= greatest({floor_usd:Float64}, hour_usd / 4), true)
ORDER BY ifNull(excess, 0) / sqrt(w) DESC, w
LIMIT 1 BY environment, feature, model
