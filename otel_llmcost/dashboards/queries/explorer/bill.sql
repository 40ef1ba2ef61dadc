-- One row per line of the bill of the requested record: quantity x price = amount, under the newest price book.
SELECT
    bucket, quantity, unit_price_usd, mode_multiplier, geo_multiplier, amount_usd, reason, rule, book_version
FROM llmcost.bill_lines
WHERE ts = (SELECT max(ts) FROM llmcost.calls WHERE record_id = ${typed:record_id})
    AND record_id = ${typed:record_id} AND record_id != ''
ORDER BY amount_usd DESC NULLS LAST, bucket
LIMIT 50
SETTINGS $__adHocFilters('llmcost.calls')
