-- One row per class of cost: calls in it, from the cheapest up. Powers of ten; unpriced calls are a class of their own.
SELECT class, calls
FROM
(
    SELECT
        multiIf(
            cost_usd IS NULL, 'unknown', cost_usd = 0, 'free', cost_usd < 0.0001, 'below 0.0001 USD', cost_usd < 0.001, '0.0001 to 0.001',
            cost_usd < 0.01, '0.001 to 0.01', cost_usd < 0.1, '0.01 to 0.1', cost_usd < 1, '0.1 to 1', '1 USD or more') AS class,
        min(ifNull(cost_usd, -1)) AS least_usd,
        count() AS calls
    FROM llmcost.calls
    WHERE $__timeFilter(ts)
        AND ${filters}
    GROUP BY class
)
ORDER BY least_usd
LIMIT 8
