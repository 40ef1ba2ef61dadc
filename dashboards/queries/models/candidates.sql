-- One row per model of the newest price book.
SELECT DISTINCT model
FROM llmcost.rates
WHERE bucket = 'model' AND candidate = 0 AND NOT endsWith(model, '*')
    AND book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0)
ORDER BY model
LIMIT 500
