-- The very same request is sent again and again, far more often than usual: what a cache of replies would have saved.
WITH
    recent AS
    (
        SELECT
            environment, feature, model, w, min(h.hour) AS started_at,
            sum(h.calls) AS calls, sum(h.fingerprinted_calls) AS known, sum(h.repeated_calls) AS repeated,
            toFloat64(sum(h.cost_usd)) / calls AS usd,
            argMax((h.worst_record_id, h.worst_trace_id), h.repeated_calls) AS worst
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE ago < w
        GROUP BY environment, feature, model, w
    ),
    base AS
    (
        SELECT
            environment, feature, model,
            sum(h.repeated_calls) / sum(h.fingerprinted_calls) AS share,
            medianExact(toFloat64(ifNull(h.cost_usd, 0))) AS hour_usd
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE is_normal AND fingerprinted_calls > 0
        GROUP BY environment, feature, model
        HAVING uniqExact(h.hour) >= 6 AND sum(h.fingerprinted_calls) >= 20
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    b.share AS expected, r.repeated / r.known AS actual, 'share of requests that repeat an earlier one of the hour' AS unit,
    (r.repeated - b.share * r.known) * r.usd AS excess,
    concat(toString(r.repeated), ' of ', toString(r.known), ' requests were repeats') AS why,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
INNER JOIN base AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
WHERE r.repeated >= 10 AND actual >= 0.3 AND r.repeated >= 3 * b.share * r.known + 4 * sqrt(b.share * r.known)
    AND ifNull(excess >= greatest({floor_usd:Float64}, b.hour_usd / 4), true)
ORDER BY ifNull(excess, 0) / sqrt(r.w) DESC, r.w
LIMIT 1 BY environment, feature, model
