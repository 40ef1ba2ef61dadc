-- Environments that sent calls lately: one row each, busiest first. Source: hourly_spend.
SELECT environment, sum(s.calls) AS calls
FROM llmcost.hourly_spend AS s
WHERE s.hour >= {since:DateTime64(3, 'UTC')}
GROUP BY environment
ORDER BY calls DESC
LIMIT 50
