-- The bill of some records, line by line, at the prices the store has now. Source: bill_lines.
SELECT
    record_id, item, model, bucket, quantity, unit_price_usd, mode_multiplier, geo_multiplier,
    amount_usd, contracted_usd, reason, rule, source, book_version
FROM llmcost.bill_lines
WHERE record_id IN {records:Array(String)}
    AND ts >= {first:DateTime64(3, 'UTC')}
    AND ts <= {last:DateTime64(3, 'UTC')}
ORDER BY record_id, item, indexOf(['input', 'cache_read', 'cache_write', 'output', 'tools'], cost_group), bucket
