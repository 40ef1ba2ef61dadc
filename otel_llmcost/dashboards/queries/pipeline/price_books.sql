-- One row per price book that was loaded, newest first.
SELECT book_version, max(p.loaded_at) AS newest_load, count() AS price_count, max(p.valid_from) AS newest_change
FROM llmcost.prices AS p
GROUP BY book_version
ORDER BY newest_load DESC
LIMIT 5
