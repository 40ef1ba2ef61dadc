-- One row per user with calls in the chosen incident: the ten most expensive.
WITH ${incident} AS chosen
SELECT user_id, count() AS call_count, sum(c.cost_usd) AS total_usd
FROM llmcost.calls AS c
WHERE environment = chosen.environment AND feature = chosen.feature AND ts >= chosen.start AND ts <= chosen.until
GROUP BY user_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 10
