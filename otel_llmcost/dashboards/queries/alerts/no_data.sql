-- One row per environment and service: dollars an hour it used to report and now does not; 0 while it does. Only
-- services that reported in at least 20 of the 24 hours before the window can fall silent.
SELECT
    environment, service,
    if(sumIf(s.calls, hour >= toStartOfHour($__fromTime)) = 0 AND uniqExactIf(hour, hour < toStartOfHour($__fromTime)) >= 20,
        greatest(0.000001, ifNull(toFloat64(sumIf(s.cost_usd, hour < toStartOfHour($__fromTime))), 0) / 24), 0) AS usd_per_hour
FROM llmcost.hourly_spend AS s
WHERE hour >= toStartOfHour($__fromTime) - INTERVAL 24 HOUR AND hour <= $__toTime
GROUP BY environment, service
ORDER BY environment, service
LIMIT 1000
