-- Grain: one row of llm_token_1h per hour and group of the newest day that is over, behind, and was quiet for ten minutes;
-- plus its marker row. One day at a time keeps a pass short.
-- Source: token_groups, stale_token_days; a refresh appends it to llm_token_1h.
CREATE OR REPLACE VIEW llmcost.token_days_rebuilt ${on_cluster} AS
WITH due AS
(
    SELECT day
    FROM llmcost.stale_token_days
    WHERE day < toDate(now(), 'UTC') AND changed_at < now() - INTERVAL 10 MINUTE
    ORDER BY day DESC
    LIMIT 1
)
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT * EXCEPT (longest)
    FROM llmcost.token_groups(since = '1900-01-01', until = '2299-12-31')
    WHERE day IN (SELECT day FROM due)
    UNION ALL
    SELECT day, toDateTime(day, 'UTC') AS hour, '' AS environment, '' AS feature, '' AS model, 0 AS calls,
    0 AS mean_tokens, 0 AS median_tokens, 0 AS max_tokens, NULL AS cost_usd,
    toDateTime64(0, 3) AS longest_ts, NULL AS longest_usd, '' AS longest_record_id, '' AS longest_trace_id
    FROM due
)
