-- Grain: one row per record that started in [{since:DateTime64(3)}, {until:DateTime64(3)}) and has a price, or lacks one
-- only for want of a book that has it: its row of llm_calls as it would be under the price book {book:String}.
-- `change`: same, changed, newly_priced, still_unknown, or kept (SQL cannot express its rule; left as it is).
-- Source: llm_calls, lines_by_book.
CREATE OR REPLACE VIEW llmcost_internal.repriced ${on_cluster} AS
SELECT
    c.*,
    c.source != 'otel_llmcost' AS foreign,
    accurateCastOrNull(bill.total, 'Decimal(18, 12)') IS NOT NULL AS is_priced,
    multiIf(
        NOT is_priced, if(c.cost_usd IS NULL, 'still_unknown', 'kept'),
        c.cost_usd IS NULL, 'newly_priced',
        c.cost_usd != bill.total OR ifNull(c.contracted_cost_usd, -1) != ifNull(bill.contracted, -1), 'changed',
        'same') AS change,
    accurateCastOrNull(bill.total, 'Decimal(18, 12)') AS new_cost_usd,
    bill.input AS new_input_usd,
    bill.cache_read AS new_cache_read_usd,
    bill.cache_write AS new_cache_write_usd,
    bill.output AS new_output_usd,
    bill.tools AS new_tools_usd,
    accurateCastOrNull(bill.contracted, 'Decimal(18, 12)') AS new_contracted_usd,
    bill.context AS new_context,
    bill.reason AS new_reason,
    bill.version AS new_version,
    -- What only the reply could say stays as it was read from it.
    multiIf(
        foreign AND c.cost_status != 'priced' AND c.cost_reason NOT IN ('awaiting_price', 'announced_price'),
            ('estimated', if(startsWith(c.cost_reason, 'foreign'), toString(c.cost_reason), 'foreign')),
        foreign, if(bill.announced, ('estimated', 'announced_price'), ('priced', '')),
        c.cost_status = 'unpriced' AND c.stream_outcome IN ('abandoned', 'truncated', 'error'),
            ('partial', concat('stream_', c.stream_outcome)),
        c.cost_status = 'unpriced' AND ${deployments(c.provider)}, ('estimated', 'unknown_sku'),
        c.cost_status IN ('unpriced', 'priced') OR c.cost_reason = 'announced_price',
            if(bill.announced, ('estimated', 'announced_price'), ('priced', '')),
        (toString(c.cost_status), toString(c.cost_reason))) AS new_status
FROM
(
    SELECT *
    FROM llmcost.llm_calls FINAL
    WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)}
        AND (cost_usd IS NOT NULL AND cost_status != 'not_billed'
            OR cost_status = 'unpriced' AND (source != 'otel_llmcost' AND cost_reason != 'unknown_host'
                OR cost_reason IN ('unknown_model', 'no_price_on_date', 'unknown_bucket')))
) AS c
LEFT JOIN
(
    SELECT
        l.record_id AS record_id,
        l.ts AS ts,
        if(count() = count(l.amount_usd), sum(l.amount_usd), NULL) AS total,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'input'), 0), 'Decimal(18, 12)') AS input,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'cache_read'), 0), 'Decimal(18, 12)') AS cache_read,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'cache_write'), 0), 'Decimal(18, 12)') AS cache_write,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'output'), 0), 'Decimal(18, 12)') AS output,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'tools'), 0), 'Decimal(18, 12)') AS tools,
        if(count(l.contracted_usd) = 0, NULL, sum(ifNull(l.contracted_usd, l.amount_usd))) AS contracted,
        max(l.context) AS context,
        max(l.reason) AS reason,
        max(l.announced) AS announced,
        max(l.book_version) AS version
    FROM llmcost_internal.lines_by_book(book = {book:String}) AS l
    WHERE l.ts >= {since:DateTime64(3)} AND l.ts < {until:DateTime64(3)}
    GROUP BY record_id, ts
) AS bill ON c.record_id = bill.record_id AND c.ts = bill.ts
SETTINGS join_use_nulls = 1
