-- Services that called in at least 20 of 24 hours and have been silent for a whole hour since: one row each, with
-- the dollars an hour they used to report (NULL when unknown). Source: hourly_spend.
SELECT
    s.environment AS environment,
    s.service AS service,
    max(s.hour) AS last_hour,
    sum(s.cost_usd) / 24 AS usd_per_hour
FROM llmcost.hourly_spend AS s
WHERE s.hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 25 HOUR AND s.hour <= {now:DateTime('UTC')}
GROUP BY environment, service
HAVING uniqExact(s.hour) >= 20 AND last_hour < toStartOfHour({now:DateTime('UTC')}) - INTERVAL 1 HOUR
ORDER BY environment, service
