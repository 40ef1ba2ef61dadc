-- Grain: one row per day with calls, with the moment its hours were last rebuilt; now, while one of them is behind.
-- Source: rebuilt_hours, stale_hours. What was rolled up before that moment is behind.
CREATE OR REPLACE VIEW llmcost.changed_days ${on_cluster} AS
SELECT day, max(changed_at) AS changed_at
FROM
(
    SELECT toDate(hour) AS day, max(rebuilt_at) AS changed_at
    FROM llmcost.rebuilt_hours
    GROUP BY day
    UNION ALL
    SELECT toDate(hour) AS day, now64(3) AS changed_at
    FROM llmcost.stale_hours
)
GROUP BY day
