-- Grain: one row per day whose rows in llm_state_1d may be behind its records, with the moment its hours last changed.
-- Source: rebuilt_hours, stale_hours, markers of llm_state_1d.
CREATE OR REPLACE VIEW llmcost.stale_state_days ${on_cluster} AS
SELECT h.day AS day, h.changed_at AS changed_at
FROM
(
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
) AS h
LEFT JOIN
(
    SELECT day, max(rebuilt_at) AS rebuilt_at
    FROM llmcost.llm_state_1d
    WHERE calls = 0
    GROUP BY day
) AS d ON h.day = d.day
WHERE h.changed_at >= d.rebuilt_at
