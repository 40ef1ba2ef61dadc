-- Grain: one row per day whose rows in llm_token_1h may be behind its records, with the moment its hours last changed.
-- Source: changed_days, markers of llm_token_1h.
CREATE OR REPLACE VIEW llmcost.stale_token_days ${on_cluster} AS
SELECT h.day AS day, h.changed_at AS changed_at
FROM llmcost.changed_days AS h
LEFT JOIN
(
    SELECT day, max(rebuilt_at) AS rebuilt_at
    FROM llmcost.llm_token_1h
    WHERE calls = 0
    GROUP BY day
) AS d ON h.day = d.day
WHERE h.changed_at >= d.rebuilt_at
