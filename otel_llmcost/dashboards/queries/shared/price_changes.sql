-- One row per moment and model when a list price of the newest book changed; only models that were called in the range.
SELECT
    p.valid_from AS time,
    concat('Price change: ', model) AS title,
    concat(any(provider), ', ', toString(count()), ' rates, ', any(p.status)) AS text,
    'price' AS tags
FROM llmcost.prices AS p
WHERE p.book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.prices)
    AND p.valid_from >= $__fromTime AND p.valid_from <= $__toTime
    AND (provider, model, component) IN
    (
        SELECT provider, model, component
        FROM llmcost.prices
        WHERE valid_from < $__fromTime
    )
    AND arrayExists(
        called -> called = model OR (endsWith(model, '*') AND startsWith(called, replaceAll(replaceOne(model, 'prefix:', ''), '*', ''))),
        (SELECT groupUniqArray(toString(s.model)) FROM llmcost.hourly_spend AS s WHERE s.hour >= toStartOfHour($__fromTime) AND s.hour <= $__toTime))
GROUP BY time, model
ORDER BY time, title
LIMIT 100
