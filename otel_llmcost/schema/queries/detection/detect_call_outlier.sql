-- One call is more than three times as long as any of the past week, or costs twice the most expensive one.
SELECT
    environment, feature, model, top_call_hour AS started_at, 1 AS calls,
    base_usd AS expected, most_call_usd AS actual, 'USD of one call' AS unit,
    actual - expected AS excess,
    concat('the most expensive of the past week was ', toString(round(base_most_call_usd, 4)), ' USD') AS why,
    top_call_hour AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
WHERE w = 6 AND base_hours > 0 AND base_age >= 72
    AND (most_input_tokens > 3 * base_most_input_tokens OR most_output_tokens > 3 * base_most_output_tokens OR actual >= 2 * base_most_call_usd)
    AND actual >= base_most_call_usd AND excess >= needed_call_usd
LIMIT 1 BY environment, feature, model
