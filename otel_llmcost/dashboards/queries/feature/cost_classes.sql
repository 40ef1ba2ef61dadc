-- One row per class of cost: calls in it, from the cheapest up. Powers of ten; unpriced calls are a class of their own.
SELECT class_count.2 AS class, class_count.3 AS calls
FROM
(
    SELECT arrayJoin(arrayZip(range(8), ['unknown', 'free', 'below 0.0001 USD', '0.0001 to 0.001', '0.001 to 0.01',
        '0.01 to 0.1', '0.1 to 1', '1 USD or more'], arrayResize(sumForEach(cost_classes), 8))) AS class_count
    FROM llmcost.daily_calls(since = ${since}, until = $__toTime)
    WHERE ${filters}
)
WHERE class_count.3 > 0
ORDER BY class_count.1
LIMIT 8
