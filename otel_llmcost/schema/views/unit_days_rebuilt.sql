-- Grain: one row of llm_unit_1d per group of the newest day that is over, behind, and was quiet for ten minutes; plus its
-- marker row. One day at a time keeps a pass short.
-- Source: unit_days, stale_unit_days; a refresh appends it to llm_unit_1d.
CREATE OR REPLACE VIEW llmcost.unit_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_unit_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT *
    FROM llmcost.unit_days(since = '1900-01-01', until = '2299-12-31')
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, '' AS unit, 0 AS whole, '' AS environment, '' AS service, '' AS feature, '' AS team, 0 AS units, 0 AS unknown_units,
    0 AS calls, NULL AS cost_usd, NULL AS max_usd,
    arrayReduce('quantilesDDState(0.005, 0.5, 0.95)', CAST([], 'Array(Float64)')) AS cost_sketch, [] AS dearest, [] AS busiest
    FROM due
)
