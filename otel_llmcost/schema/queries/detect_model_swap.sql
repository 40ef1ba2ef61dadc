-- At least three of ten calls of a feature go to a model that it hardly used, and each costs half as much again as
-- its calls usually do.
WITH
    recent AS
    (
        SELECT
            environment, feature, model, w,
            min(h.hour) AS started_at,
            sum(h.calls) AS calls,
            sum(h.calls) / sum(sum(h.calls)) OVER (PARTITION BY environment, feature, w) AS share,
            toFloat64(sum(h.cost_usd)) AS usd,
            groupUniqArrayArray(h.request_models) AS asked,
            argMax(h.service_version, h.hour) AS service_version,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE ago < w
        GROUP BY environment, feature, model, w
    ),
    base AS
    (
        SELECT
            environment, feature,
            sum(h.calls) AS calls,
            toFloat64(sum(h.cost_usd)) / calls AS usd,
            medianExact(toFloat64(ifNull(h.cost_usd, 0))) AS hour_usd,
            sumMap(map(h.model, h.calls)) AS by_model,
            groupUniqArrayArray(h.request_models) AS asked,
            argMax(h.service_version, h.hour) AS service_version
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE is_normal
        GROUP BY environment, feature
        HAVING uniqExact(h.hour) >= 6 AND calls >= 20
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    b.usd AS expected, r.usd / r.calls AS actual, 'USD per call' AS unit,
    r.usd - r.calls * b.usd AS excess,
    concat(
        'was ', arrayElement(mapKeys(b.by_model), indexOf(mapValues(b.by_model), arrayMax(mapValues(b.by_model)))),
        multiIf(
            r.asked = [''], '',
            hasAll(b.asked, r.asked), ': the same is asked for, and another model answers',
            ': another model is asked for'),
        if(r.service_version != b.service_version, concat(', since version ', r.service_version, ' (was ', b.service_version, ')'), '')) AS why,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
INNER JOIN base AS b ON r.environment = b.environment AND r.feature = b.feature
WHERE r.calls >= 5 AND r.share >= 0.3 AND b.by_model[r.model] < 0.05 * b.calls
    AND actual >= 1.5 * expected AND excess >= greatest({floor_usd:Float64}, b.hour_usd / 4)
ORDER BY ifNull(excess, 0) / sqrt(r.w) DESC, r.w
LIMIT 1 BY environment, feature, model
