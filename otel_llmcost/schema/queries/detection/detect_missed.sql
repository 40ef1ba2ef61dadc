-- Ends of the hours with calls that no pass has looked at, because none ran for an hour and a half: at most those of the
-- last 24 hours; none before the first pass. Source: feature_windows, llm_calls.
WITH (SELECT max(looked_at) FROM llmcost.feature_windows) AS last
SELECT DISTINCT toStartOfHour(ts) + INTERVAL 3599 SECOND AS at
FROM llmcost.llm_calls
WHERE last > '1970-01-01 00:00:00' AND last < {now:DateTime('UTC')} - INTERVAL 90 MINUTE
    AND ts >= greatest(last, {now:DateTime('UTC')} - INTERVAL 24 HOUR)
    AND ts < toStartOfHour({now:DateTime('UTC')})
ORDER BY at
