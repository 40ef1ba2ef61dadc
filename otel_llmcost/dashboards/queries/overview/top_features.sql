-- One row per feature: dollars of the range, the ten most expensive.
SELECT feature, sum(cost_usd) AS usd
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
GROUP BY feature
HAVING usd IS NOT NULL
ORDER BY usd DESC
LIMIT 10
