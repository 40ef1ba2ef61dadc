-- Replies are far longer than in any six hours of the past week, by the shape of their sizes: twice as long is reported,
-- half as long again goes into the digest.
SELECT
    b.environment AS environment, b.feature AS feature, b.model AS model, b.started_at AS started_at, b.calls AS calls,
    b.base_output_tokens AS expected, b.output_tokens / b.n AS actual, 'output tokens per call' AS unit,
    b.output_usd - b.n * b.base_output_usd AS excess,
    if(b.service_version != b.base_service_version, concat('since version ', b.service_version, ' (was ', b.base_service_version, ')'), '') AS why,
    if(s.score >= 8 * {strictness:Float64}, 'report', 'digest') AS level, s.last_hour AS last_hour,
    b.worst.1 AS worst_record_id, b.worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')}) AS b
INNER JOIN llmcost_internal.shape_scores(now = {now:DateTime('UTC')}, part = 'output') AS s
    ON b.environment = s.environment AND b.feature = s.feature AND b.model = s.model AND b.w = s.w
WHERE greatest(s.score, s.lesser_score) >= 8 * {strictness:Float64} AND s.last_hour > toDateTime(0, 'UTC')
    AND b.base_age >= 72 AND ifNull(excess >= b.needed_usd, true)
ORDER BY level DESC, ifNull(excess, 0) / sqrt(b.w) DESC, b.w
LIMIT 1 BY environment, feature, model
