-- Calls grew too slowly for any hour to stand out, or less and less of them comes from the cache: the last day is a fifth
-- beyond every day that is a week to five weeks old, and the day before it a tenth. Less than 1.35 times as much is for the
-- digest.
WITH
    days AS
    (
        SELECT
            *,
            [exp(log_input / used_calls), exp(log_output / used_calls), input_usd / input_tokens] AS sizes,
            cache_read_tokens / input_tokens AS read_share
        FROM llmcost.feature_days FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')}) AND used_calls >= 10 AND input_tokens > 0
    ),
    anchors AS
    (
        SELECT
            environment, feature, model,
            [max(d.sizes[1]), max(d.sizes[2]), max(d.sizes[3])] AS most,
            min(d.read_share) AS least_read_share,
            sum(d.input_tokens) / sum(d.used_calls) AS input_tokens, sum(d.output_tokens) / sum(d.used_calls) AS output_tokens,
            sum(d.cache_read_tokens) / sum(d.input_tokens) AS read_share,
            sum(d.usd) AS usd,
            sum(d.input_usd) / sum(d.used_calls) AS input_usd, sum(d.output_usd) / sum(d.used_calls) AS output_usd,
            argMax(d.service_version, d.started_at) AS service_version
        FROM days AS d
        WHERE d.day >= 7
        GROUP BY environment, feature, model
        HAVING count() >= 4
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.used_calls AS calls,
    [b.input_tokens, b.output_tokens, b.read_share][part] AS expected,
    [r.input_tokens / calls, r.output_tokens / calls, r.read_share][part] AS actual,
    ['input tokens per call, over a day', 'output tokens per call, over a day', 'share of input tokens read from the cache, over a day'][part] AS unit,
    -- Unknown, where nothing is priced.
    if(isNull(r.usd) OR isNull(b.usd), NULL, [
        r.input_usd - calls * b.input_usd,
        r.output_usd - calls * b.output_usd,
        r.input_usd - r.input_tokens * b.input_usd / b.input_tokens
    ][part]) AS excess,
    if(r.service_version != b.service_version, concat('since version ', r.service_version, ' (was ', b.service_version, ')'), '') AS why,
    if(part < 3 AND r.sizes[part] < 1.35 * b.most[part], 'digest', 'report') AS level,
    r.last_hour AS last_hour,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM days AS r
INNER JOIN days AS l ON r.environment = l.environment AND r.feature = l.feature AND r.model = l.model
INNER JOIN anchors AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
LEFT JOIN
(
    SELECT environment, feature, max(needed_call_usd) AS usd
    FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
    GROUP BY environment, feature
) AS needed ON r.environment = needed.environment AND r.feature = needed.feature
ARRAY JOIN [1, 2, 3] AS part
WHERE r.day = 0 AND l.day = 1
    AND r.sizes[part] >= 1.2 * b.most[part] AND l.sizes[part] >= 1.1 * b.most[part]
    AND (part < 3 OR greatest(r.read_share, l.read_share) <= b.least_read_share - 0.1)
    AND ifNull(excess >= greatest({floor_usd:Float64}, needed.usd), true)
ORDER BY excess DESC
LIMIT 1 BY environment, feature, model
