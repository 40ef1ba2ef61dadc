-- Grain: one row of llm_process_1d per group of the newest day that is over, behind, and was quiet for ten minutes; plus its
-- marker row. One day at a time keeps a pass short.
-- Source: process_days, stale_process_days; a refresh appends it to llm_process_1d.
CREATE OR REPLACE VIEW llmcost.process_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_process_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT *
    FROM llmcost.process_days
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, '' AS environment, '' AS service, '' AS process, 0 AS records, 0 AS calls, 0 AS foreign_records, 0 AS priced_calls,
    0 AS unpriced_calls, 0 AS partial_calls, 0 AS tagged_calls, 0 AS early_records, 0 AS late_records, NULL AS max_lag_s,
    [] AS double_counted_by, 0 AS newest
    FROM due
)
