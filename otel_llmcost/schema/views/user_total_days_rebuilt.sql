-- Grain: one row of llm_user_total_1d per group of the newest day that is over, behind, and was quiet for ten minutes; plus its
-- marker row. One day at a time keeps a pass short.
-- Source: user_total_days, stale_user_total_days; a refresh appends it to llm_user_total_1d.
CREATE OR REPLACE VIEW llmcost.user_total_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_user_total_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT *
    FROM llmcost.user_total_days(since = '1900-01-01', until = '2299-12-31')
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, '' AS user_id, '' AS environment, 0 AS calls, 0 AS errors,
    0 AS unpriced_calls, 0 AS input_tokens, 0 AS cache_read_tokens, 0 AS output_tokens, NULL AS cost_usd
    FROM due
)
