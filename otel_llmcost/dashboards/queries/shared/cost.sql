-- One row per bucket: dollars; together they are the dollars of the range. No row where nothing is priced.
SELECT $__timeInterval(hour) AS time, sum(cost_usd) AS spend_usd
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
GROUP BY time
HAVING spend_usd IS NOT NULL
ORDER BY time
