-- Grain: at most one row: the newest day that is over and can be rolled up, because the levers of its hours and of the day
-- before are, and not in the last two minutes (an INSERT takes its time from its start, not its commit).
-- Source: lever_rebuilds, lever_hours_live, lever_days_rolled.
CREATE OR REPLACE VIEW llmcost.lever_days_due ${on_cluster} AS
SELECT day
FROM
(
    SELECT arrayJoin([toDate(hour), toDate(hour) + 1]) AS day, max(lever_rebuilds.rebuilt_at) AS changed_at,
        max(toDate(hour) = day) AS has_calls
    FROM llmcost.lever_rebuilds
    GROUP BY day
)
WHERE has_calls AND day < toDate(now('UTC')) AND changed_at < now64(3) - INTERVAL 120 SECOND
    AND day NOT IN (SELECT arrayJoin([toDate(hour), toDate(hour) + 1]) FROM llmcost.lever_hours_live)
    AND day NOT IN (SELECT day FROM llmcost.lever_days_rolled)
ORDER BY day DESC
LIMIT 1
