-- One row per trace: the fifteen with most calls. Many calls in one trace are often a loop. unit_figures knows the twenty
-- busiest of each day; only their calls are read.
WITH candidates AS
(
    SELECT one.2 AS id, min(one.3) AS first_hour, max(one.4) AS last_hour
    FROM llmcost.unit_figures(since = ${since}, until = $__toTime)
    ARRAY JOIN busiest AS one
    WHERE unit = 'trace' AND ${units}
    GROUP BY id
    ORDER BY sum(one.1) DESC, id
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
    dateDiff('second', min(ts), max(ts)) AS seconds,
    sum(cost_usd) AS total_usd,
    max(input_tokens) AS longest_prompt
FROM llmcost.calls
WHERE $__timeFilter(ts) AND (toStartOfHour(ts), trace_id) IN (SELECT hour, id FROM hours)
    AND ${filters}
GROUP BY trace_id
HAVING call_count > 1
ORDER BY call_count DESC, total_usd DESC NULLS LAST
LIMIT 15
