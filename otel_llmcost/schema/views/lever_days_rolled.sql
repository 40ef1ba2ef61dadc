-- Grain: one row per day whose rows of lever_1d are what its hours make of it, with the rebuild that counts.
-- Source: markers of lever_1d, lever_rebuilds, lever_hours_live. Calls of a day are compared with those of the day before.
CREATE OR REPLACE VIEW llmcost.lever_days_rolled ${on_cluster} AS
SELECT d.day AS day, d.rebuilt_at AS rebuilt_at
FROM (SELECT day, max(rebuilt_at) AS rebuilt_at FROM llmcost.lever_1d WHERE side = '' GROUP BY day) AS d
INNER JOIN
(
    SELECT arrayJoin([toDate(hour), toDate(hour) + 1]) AS day, max(lever_rebuilds.rebuilt_at) AS changed_at
    FROM llmcost.lever_rebuilds
    GROUP BY day
) AS h ON d.day = h.day
WHERE h.changed_at < d.rebuilt_at
    AND d.day NOT IN (SELECT arrayJoin([toDate(hour), toDate(hour) + 1]) FROM llmcost.lever_hours_live)
