-- Requests fail or are sent again far more often than usual. What that costs is unknown: refused attempts are free,
-- those that timed out may have been billed; so no dollar floor holds it back.
SELECT
    environment, feature, model, started_at, calls,
    base_trouble_share AS expected, (errors + resends) / calls AS actual, 'failed or repeated attempts per call' AS unit,
    CAST(NULL AS Nullable(Float64)) AS excess,
    concat(toString(errors), ' calls failed, ', toString(resends), ' attempts were repeats') AS why,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM
(
    SELECT
        environment, feature, model, w, min(n.started_at) AS started_at, sum(n.calls) AS calls, sum(n.errors) AS errors, sum(n.resends) AS resends,
        avg(n.base_trouble_share) AS base_trouble_share, any(n.worst) AS worst
    FROM llmcost.hour_norms(now = {now:DateTime('UTC')}) AS n
    GROUP BY environment, feature, model, w
)
WHERE calls >= 5 AND errors + resends >= 10 AND actual >= 0.3
    AND errors + resends >= 3 * expected * calls + 4 * sqrt(expected * calls)
ORDER BY w
LIMIT 1 BY environment, feature, model
