-- Calls grew by half or more over days, too slowly for any hour to stand out: the last 24 hours against the median and
-- the most of the six days before.
WITH
    days AS
    (
        SELECT
            environment, feature, model, intDiv(ago, 24) AS day,
            min(h.hour) AS started_at, max(h.hour) AS last_hour,
            sum(h.used_calls) AS n,
            exp(sum(h.log_input) / n) AS input_size, exp(sum(h.log_output) / n) AS output_size,
            sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) / n AS input_tokens,
            sum(h.output_tokens) / n AS output_tokens,
            toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))) / n AS input_usd,
            toFloat64(sum(h.cost_output_usd)) / n AS output_usd,
            argMax(h.service_version, h.hour) AS service_version,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE ago < 168 AND (has_usual_size OR ago < 24)
        GROUP BY environment, feature, model, day
        HAVING n >= 10
    ),
    base AS
    (
        SELECT
            environment, feature, model,
            [medianExact(input_size), medianExact(output_size)] AS middle,
            [max(input_size), max(output_size)] AS most,
            [medianExact(input_tokens), medianExact(output_tokens)] AS tokens,
            [medianExact(input_usd), medianExact(output_usd)] AS usd,
            argMax(service_version, started_at) AS service_version
        FROM days
        WHERE day > 0
        GROUP BY environment, feature, model
        HAVING count() >= 4
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.n AS calls,
    b.tokens[part] AS expected, [r.input_tokens, r.output_tokens][part] AS actual,
    ['input tokens per call, over a day', 'output tokens per call, over a day'][part] AS unit,
    r.n * ([r.input_usd, r.output_usd][part] - b.usd[part]) AS excess,
    if(r.service_version != b.service_version, concat('since version ', r.service_version, ' (was ', b.service_version, ')'), '') AS why,
    r.last_hour AS last_hour,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM days AS r
INNER JOIN base AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
ARRAY JOIN [1, 2] AS part
WHERE r.day = 0 AND r.n >= 20
    AND [r.input_size, r.output_size][part] >= 1.5 * b.middle[part] AND [r.input_size, r.output_size][part] >= 1.1 * b.most[part]
    AND ifNull(excess >= greatest({floor_usd:Float64}, r.n * (b.usd[1] + b.usd[2]) / 4), true)
ORDER BY excess DESC
LIMIT 1 BY environment, feature, model
