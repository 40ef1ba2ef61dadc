-- Grain: one row of llm_call_1d per group of the newest day that is over, behind, and was quiet for ten minutes; plus its
-- marker row. One day at a time keeps a pass short.
-- Source: call_days, stale_call_days; a refresh appends it to llm_call_1d.
CREATE OR REPLACE VIEW llmcost.call_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_call_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT *
    FROM llmcost.call_days(since = '1900-01-01', until = '2299-12-31')
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, '' AS environment, '' AS service, '' AS feature, '' AS team, '' AS provider, '' AS model, 0 AS calls, 0 AS errors,
    0 AS retried_calls, 0 AS priced_calls, NULL AS cost_usd, NULL AS wasted_usd, NULL AS plain_input_usd, NULL AS output_usd,
    0 AS uncached_tokens, 0 AS output_tokens, [] AS cost_classes,
    arrayReduce('quantilesDDState(0.005, 0.5, 0.95)', CAST([], 'Array(Float64)')) AS cost_sketch, cost_sketch AS duration_sketch, cost_sketch AS ttft_sketch,
    [] AS dearest, [] AS longest
    FROM due
)
