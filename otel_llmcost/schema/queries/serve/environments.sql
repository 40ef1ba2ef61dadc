-- Environments that sent calls lately: one row each, busiest first. Source: spend_1h.
SELECT environment, sum(s.calls) AS calls
FROM llmcost.spend_1h AS s
WHERE s.hour >= {since:DateTime64(3, 'UTC')}
GROUP BY environment
ORDER BY calls DESC
LIMIT 50
