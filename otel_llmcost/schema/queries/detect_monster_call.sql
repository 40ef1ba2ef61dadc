-- One call costs at least ten times what its feature and model usually do, and three times the dearest of the past week.
WITH
    recent AS
    (
        SELECT
            environment, feature, model,
            argMax(h.hour, h.max_call_cost_usd) AS started_at,
            toFloat64(max(h.max_call_cost_usd)) AS usd,
            argMax((h.worst_record_id, h.worst_trace_id), h.max_call_cost_usd) AS worst
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE ago < 6 AND max_call_cost_usd IS NOT NULL
        GROUP BY environment, feature, model
    ),
    base AS
    (
        SELECT
            environment, feature, model,
            toFloat64(sum(h.cost_usd)) / sum(h.cost_calls) AS usd,
            toFloat64(max(h.max_call_cost_usd)) AS most_usd,
            sum(h.log_cost) / sum(h.cost_calls) AS middle,
            sqrt(greatest(0, sum(h.log_cost_sq) / sum(h.cost_calls) - middle * middle)) AS spread,
            medianExact(toFloat64(ifNull(h.cost_usd, 0))) AS hour_usd
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE is_normal AND cost_calls > 0
        GROUP BY environment, feature, model
        HAVING uniqExact(h.hour) >= 6 AND sum(h.cost_calls) >= 20
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, 1 AS calls,
    b.usd AS expected, r.usd AS actual, 'USD of one call' AS unit,
    r.usd - b.usd AS excess,
    concat('the dearest of the past week was ', toString(round(b.most_usd, 4)), ' USD') AS why,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
INNER JOIN base AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
WHERE actual >= 10 * expected AND actual >= 3 * b.most_usd AND log(actual) >= b.middle + 4 * b.spread
    AND excess >= greatest({floor_usd:Float64}, b.hour_usd / 4)
LIMIT 1 BY environment, feature, model
