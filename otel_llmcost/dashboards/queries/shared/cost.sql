-- One row: dollars of the range. NULL when nothing is priced.
SELECT sum(cost_usd) AS spend_usd
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
