-- One row per trace: the fifteen dearest. unit_figures knows the twenty dearest of each day; only their calls are read.
WITH candidates AS
(
    SELECT one.2 AS id, min(one.3) AS first_hour, max(one.4) AS last_hour
    FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
    ARRAY JOIN dearest AS one
    WHERE unit = 'trace' AND ${units}
    GROUP BY id
    ORDER BY sum(one.1) DESC NULLS LAST, id
    LIMIT 15
),
hours AS
(
    SELECT first_hour + toIntervalHour(arrayJoin(range(dateDiff('hour', first_hour, last_hour) + 1))) AS hour, id
    FROM candidates
)
SELECT
    trace_id,
    min(ts) AS began_at,
    any(feature) AS feature_name,
    count() AS call_count,
    sum(cost_usd) AS total_usd,
    countIf(cost_usd IS NULL) AS unpriced_count,
    sum(input_tokens) AS input_count,
    sum(output_tokens) AS output_count
FROM llmcost.calls
WHERE $__timeFilter(ts) AND (toStartOfHour(ts), trace_id) IN (SELECT hour, id FROM hours)
    AND ${filters}
GROUP BY trace_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
