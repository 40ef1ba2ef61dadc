-- Requests fail or are sent again far more often than usual. What that costs is unknown: refused attempts are free,
-- those that timed out may have been billed; so no dollar floor holds it back.
SELECT
    environment, feature, model, started_at, calls,
    base_trouble_share AS expected, (errors + resends) / calls AS actual, 'failed or repeated attempts per call' AS unit,
    CAST(NULL AS Nullable(Float64)) AS excess,
    concat(toString(errors), ' calls failed, ', toString(resends), ' attempts were repeats') AS why,
    arrayMax(h -> if(h.trouble / h.calls >= (expected + actual) / 2, h.hour, started_at), hours) AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE base_hours > 0 AND NOT is_inherited AND calls >= 5 AND errors + resends >= 10 AND actual >= 0.3
    AND errors + resends >= 3 * expected * calls + 4 * sqrt(expected * calls)
ORDER BY w
LIMIT 1 BY environment, feature, model
