-- One row per trace: the fifteen most expensive, of the twenty most expensive of each day; all of their calls in the range count.
WITH candidates AS
(
    SELECT one.id AS id
    FROM llmcost.daily_units(since = ${since}, until = ${until})
    ARRAY JOIN top_by_cost AS one
    WHERE unit = 'trace' AND ${units}
    GROUP BY id
    ORDER BY sum(one.cost_usd) DESC NULLS LAST, sum(one.calls) DESC
    LIMIT 15
)
SELECT
    trace_id,
    min(c.ts) AS began_at,
    any(c.feature) AS feature_name,
    count() AS call_count,
    sum(c.cost_usd) AS total_usd,
    countIf(c.cost_usd IS NULL) AS unpriced_count,
    sum(c.input_tokens) AS input_count,
    sum(c.output_tokens) AS output_count
FROM llmcost.calls AS c
WHERE ${range} AND trace_id IN (SELECT id FROM candidates)
    AND ${filters}
GROUP BY trace_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
