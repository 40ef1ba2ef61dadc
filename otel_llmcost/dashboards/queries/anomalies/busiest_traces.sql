-- One row per trace: the fifteen with most calls, of the twenty busiest of each day. Many calls in one trace are often a loop.
WITH candidates AS
(
    SELECT one.id AS id
    FROM llmcost.daily_units(since = ${since}, until = ${until})
    ARRAY JOIN top_by_calls AS one
    WHERE unit = 'trace' AND ${units}
    GROUP BY id
    ORDER BY sum(one.calls) DESC, sum(one.cost_usd) DESC NULLS LAST
    LIMIT 15
)
SELECT
    trace_id,
    min(c.ts) AS began_at,
    any(c.feature) AS feature_name,
    count() AS call_count,
    dateDiff('second', began_at, max(c.ts)) AS seconds,
    sum(c.cost_usd) AS total_usd,
    max(c.input_tokens) AS max_input_tokens
FROM llmcost.calls AS c
WHERE ${range} AND trace_id IN (SELECT id FROM candidates)
    AND ${filters}
GROUP BY trace_id
HAVING call_count > 1
ORDER BY call_count DESC, total_usd DESC NULLS LAST
LIMIT 15
