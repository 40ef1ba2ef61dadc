-- The price books that were loaded: one row per version, the newest first; the first is the one that prices calls.
-- Source: rates.
SELECT book_version, min(loaded_at) AS loaded_at, uniqExact(provider, model) AS models, max(valid_from) AS newest_price
FROM llmcost.rates
WHERE candidate = 0
GROUP BY book_version
ORDER BY book_version DESC
LIMIT 5
