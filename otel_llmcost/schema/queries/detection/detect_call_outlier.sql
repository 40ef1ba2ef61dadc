-- One call costs at least ten times what its feature and model usually do, and twice the most expensive of the past week.
SELECT
    environment, feature, model, top_call_hour AS started_at, 1 AS calls,
    base_usd AS expected, most_call_usd AS actual, 'USD of one call' AS unit,
    actual - expected AS excess,
    concat('the most expensive of the past week was ', toString(round(base_most_call_usd, 4)), ' USD') AS why,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE w = 6 AND base_cost_hours >= 6 AND base_cost_calls >= 20
    AND actual >= 10 * expected AND actual >= 2 * base_most_call_usd
    AND log(actual) >= base_log_call_usd + 3 * base_log_call_usd_spread
    AND excess >= greatest({floor_usd:Float64}, hour_usd / 4)
LIMIT 1 BY environment, feature, model
