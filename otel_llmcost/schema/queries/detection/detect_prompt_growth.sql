-- Calls carry far more input tokens than any six hours of the past week had, by the shape of their sizes: twice as many is
-- reported, half as many again goes into the digest.
SELECT
    b.environment AS environment, b.feature AS feature, b.model AS model, b.started_at AS started_at, b.calls AS calls,
    b.base_input_tokens AS expected, b.input_tokens / b.n AS actual, 'input tokens per call' AS unit,
    b.input_usd - b.n * b.base_input_usd AS excess,
    multiIf(
        b.service_version != b.base_service_version, concat('since version ', b.service_version, ' (was ', b.base_service_version, ')'),
        b.prefix_fingerprint != b.base_prefix_fingerprint AND b.prefix_fingerprint != '' AND b.base_prefix_fingerprint != '', 'the prompt prefix changed',
        '') AS why,
    if(s.score >= 8 * {strictness:Float64}, 'report', 'digest') AS level, s.last_hour AS last_hour,
    b.worst.1 AS worst_record_id, b.worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')}) AS b
INNER JOIN llmcost_internal.shape_scores(now = {now:DateTime('UTC')}, part = 'input') AS s
    ON b.environment = s.environment AND b.feature = s.feature AND b.model = s.model AND b.w = s.w
WHERE greatest(s.score, s.lesser_score) >= 8 * {strictness:Float64} AND s.last_hour > toDateTime(0, 'UTC')
    AND b.base_age >= 72 AND ifNull(excess >= b.needed_usd, true)
ORDER BY level DESC, ifNull(excess, 0) / sqrt(b.w) DESC, b.w
LIMIT 1 BY environment, feature, model
