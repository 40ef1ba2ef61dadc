-- Grain: one row per record, charge (`item`) and bucket: the bill under the newest price book, line by line.
-- Source: lines_by_book without duplicate_calls, as `calls`. Read it with a time range; amount_usd is NULL, with a reason, where no price is known.
CREATE OR REPLACE VIEW llmcost.bill_lines ${on_cluster} AS
SELECT
    ts, record_id, item, model, mode, context, bucket, cost_group, quantity, unit_price_usd, mode_multiplier,
    geo_multiplier, amount_usd, contracted_usd, reason, rule, source, book_version
FROM llmcost_internal.lines_by_book(book = 'current')
WHERE (SELECT count() FROM llmcost.duplicate_calls) = 0
    OR (toStartOfHour(ts), record_id) NOT IN (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls)
