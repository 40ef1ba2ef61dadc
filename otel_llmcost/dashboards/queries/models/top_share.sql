-- One row: the part of spend that one model takes. NULL when nothing is priced.
SELECT toFloat64(max(usd)) / nullIf(toFloat64(sum(usd)), 0) AS top_share
FROM
(
    SELECT model, sum(cost_usd) AS usd
    FROM llmcost.hourly_spend
    WHERE ${hours}
        AND ${filters}
    GROUP BY model
)
