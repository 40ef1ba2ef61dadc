-- Grain: one row of llm_state_1d per group of the newest day that is over, behind, and was quiet for ten minutes; plus its
-- marker row. One day at a time keeps a pass short.
-- Source: state_groups, stale_state_days; a refresh appends it to llm_state_1d.
CREATE OR REPLACE VIEW llmcost.state_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_state_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT * EXCEPT (time)
    FROM llmcost.state_groups(since = '1900-01-01', until = '2299-12-31', step = 86400)
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, '' AS environment, '' AS service, '' AS feature, '' AS team, '' AS provider, '' AS model, '' AS request_model,
    '' AS ending, '' AS source, 0 AS is_unpriced, '' AS cost_reason, 0 AS calls, 0 AS untagged_calls, 0 AS resends,
    0 AS input_tokens, 0 AS output_tokens, NULL AS cost_usd, toDateTime64(0, 3) AS first_ts, toDateTime64(0, 3) AS last_ts,
    '' AS service_version, '' AS record_id, 0 AS max_lag_s,
    arrayReduce('quantilesDDState(0.005, 0.5, 0.95)', CAST([], 'Array(Float64)')) AS lag_sketch
    FROM due
)
