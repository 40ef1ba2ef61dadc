-- At least three of ten calls of a feature go to a model that it hardly used, and each costs half as much again as
-- its calls usually do.
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    b.usd AS expected, r.usd / r.calls AS actual, 'USD per call' AS unit,
    r.usd - r.calls * b.usd AS excess,
    concat(
        'was ', b.main_model,
        multiIf(
            r.request_models = [''], '',
            hasAll(b.request_models, r.request_models), ': the same is requested, and another model answers',
            ': another model is requested'),
        if(r.service_version != b.service_version, concat(', since version ', r.service_version, ' (was ', b.service_version, ')'), '')) AS why,
    arrayMax(h -> h.hour, r.hours) AS last_hour,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM
(
    SELECT *, calls / sum(calls) OVER (PARTITION BY environment, feature, w) AS share
    FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
) AS r
INNER JOIN
(
    SELECT
        place AS environment, feature,
        sum(n.calls) AS calls,
        sum(n.usd * n.used_calls) / nullIf(sumIf(n.calls, n.usd IS NOT NULL), 0) AS usd,
        sumMap(map(n.model, n.calls)) AS by_model,
        argMax(n.model, n.calls) AS main_model,
        groupUniqArrayArray(n.request_models) AS request_models,
        argMax(n.service_version, n.calls) AS service_version
    FROM llmcost.feature_norms AS n FINAL
    WHERE as_of = toStartOfHour({now:DateTime('UTC')}) AND model != '*'
    GROUP BY environment, feature
    HAVING max(n.hours) >= 6 AND calls >= 20
) AS b ON r.environment = b.environment AND r.feature = b.feature
WHERE r.calls >= 3 AND r.share >= 0.3 AND b.by_model[r.model] < 0.05 * b.calls
    AND actual >= 1.5 * expected AND excess >= r.needed_usd
ORDER BY ifNull(excess, 0) / sqrt(r.w) DESC, r.w
LIMIT 1 BY environment, feature, model
