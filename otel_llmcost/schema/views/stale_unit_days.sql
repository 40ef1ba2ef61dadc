-- Grain: one row per day whose rows in llm_unit_1d may be behind its records, with the moment its hours last changed.
-- Source: changed_days, markers of llm_unit_1d.
CREATE OR REPLACE VIEW llmcost.stale_unit_days ${on_cluster} AS
SELECT h.day AS day, h.changed_at AS changed_at
FROM llmcost.changed_days AS h
LEFT JOIN
(
    SELECT day, max(rebuilt_at) AS rebuilt_at
    FROM llmcost.llm_unit_1d
    WHERE unit = ''
    GROUP BY day
) AS d ON h.day = d.day
WHERE h.changed_at >= d.rebuilt_at
