-- Values of a dimension in the order in which they first sent calls: one row each. Source: hourly_spend.
-- Runs as it stands; serve/web/colours.py puts its own column between the markers.
SELECT toString(/* by */ s.feature /* by */) AS name, min(s.hour) AS first_hour
FROM llmcost.hourly_spend AS s
GROUP BY name
ORDER BY first_hour, name
LIMIT 1000
