-- One row: dollars of the range. NULL when nothing is priced.
SELECT sum(cost_usd) AS spend_usd
FROM llmcost.spend_1h
WHERE ${hours}
    AND ${filters}
