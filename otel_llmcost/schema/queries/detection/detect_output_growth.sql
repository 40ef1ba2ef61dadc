-- Replies are far longer than in any six hours of the past week, by the shape of their sizes: twice as long is reported,
-- half as long again goes into the digest.
-- Sizes that no one past fits, as of a context that grows from call to call, are seen by how many calls are half as long again as
-- the longest of the past week: five, and a third of all.
WITH
    floor(4 * log2(1 + 1.5 * b.base_most_output_tokens)) AS longest,
    arraySum((size, many) -> if(size > longest, many, 0), mapKeys(b.output_sizes), mapValues(b.output_sizes)) AS unseen,
    unseen >= 5 * {strictness:Float64} AND unseen >= b.n / 3 AS is_unseen
SELECT
    b.environment AS environment, b.feature AS feature, b.model AS model, b.started_at AS started_at, b.calls AS calls,
    b.base_output_tokens AS expected, b.output_tokens / b.n AS actual, 'output tokens per call' AS unit,
    b.output_usd - b.n * b.base_output_usd AS excess,
    if(b.service_version != b.base_service_version, concat('since version ', b.service_version, ' (was ', b.base_service_version, ')'), '') AS why,
    if(s.score >= 8 * {strictness:Float64} OR is_unseen, 'report', 'digest') AS level,
    greatest(s.last_hour, arrayMax(h -> if(arrayMax(mapKeys(h.output_sizes)) > longest, h.hour, toDateTime(0, 'UTC')), b.hours)) AS last_hour,
    b.worst.1 AS worst_record_id, b.worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')}) AS b
INNER JOIN llmcost_internal.shape_scores(now = {now:DateTime('UTC')}, part = 'output') AS s
    ON b.environment = s.environment AND b.feature = s.feature AND b.model = s.model AND b.w = s.w
WHERE (is_unseen OR greatest(s.score, s.lesser_score) >= 8 * {strictness:Float64} AND s.last_hour > toDateTime(0, 'UTC'))
    AND b.base_age >= 72 AND ifNull(excess >= b.needed_usd, true)
ORDER BY level DESC, ifNull(excess, 0) / sqrt(b.w) DESC, b.w
LIMIT 1 BY environment, feature, model
