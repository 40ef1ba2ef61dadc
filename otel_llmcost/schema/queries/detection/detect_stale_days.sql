-- Days with hours that calls arrived for since feature_hours was last rebuilt, within a detector's memory.
-- An INSERT takes its time from its start, not its commit: two minutes are looked at again.
WITH (SELECT max(rebuilt_at) - INTERVAL 120 SECOND FROM llmcost.feature_hours WHERE has_sizes) AS since
SELECT toDate(ts) AS day, groupUniqArray(toStartOfHour(ts)) AS hours
FROM llmcost.llm_calls
WHERE ingested_at >= since
    AND ts >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 36 DAY AND ts < {now:DateTime('UTC')} + INTERVAL 1 HOUR
GROUP BY day
ORDER BY day
