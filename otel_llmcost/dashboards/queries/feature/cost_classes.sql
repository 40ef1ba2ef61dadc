-- One row per class of cost: calls in it, from the cheapest up. Powers of ten; unpriced calls are a class of their own.
SELECT told.2 AS class, told.3 AS calls
FROM
(
    SELECT arrayJoin(arrayZip(range(8), ['unknown', 'free', 'below 0.0001 USD', '0.0001 to 0.001', '0.001 to 0.01',
        '0.01 to 0.1', '0.1 to 1', '1 USD or more'], arrayResize(sumForEach(cost_classes), 8))) AS told
    FROM llmcost.call_figures(since = ${since}, until = $__toTime)
    WHERE ${filters}
)
WHERE told.3 > 0
ORDER BY told.1
LIMIT 8
