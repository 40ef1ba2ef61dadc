-- Grain: one row per foreign record of a stale hour that was not priced yet: its row of llm_calls with a cost, or with
-- the reason why there is none. Estimated, with what its emitter did not report as the reason, unless it reported all that a
-- bill depends on (llm_records_from_foreign_spans says which).
-- Source: llm_calls, lines_by_book; a refresh appends it to llm_calls. Empty unless other emitters exist.
-- Appended to: llm_calls
CREATE OR REPLACE VIEW llmcost_internal.foreign_priced ${on_cluster} AS
WITH
    -- Found once: a subquery would be planned and run wherever it is used.
    (SELECT groupUniqArray(hour) FROM llmcost_internal.stale_hours) AS stale,
    waiting AS
    (
        SELECT w.record_id AS record_id
        FROM llmcost.llm_calls AS w FINAL
        WHERE toStartOfHour(w.ts) IN stale
            AND w.source != 'otel_llmcost' AND (startsWith(w.cost_reason, 'foreign') OR w.cost_reason = 'awaiting_price') AND w.cost_usd IS NULL
    ),
    accurateCastOrNull(bill.total, 'Decimal(18, 12)') AS new_total
SELECT c.* REPLACE (
    new_total AS cost_usd,
    if(new_total IS NULL, NULL, bill.input) AS cost_input_usd,
    if(new_total IS NULL, NULL, bill.cache_read) AS cost_cache_read_usd,
    if(new_total IS NULL, NULL, bill.cache_write) AS cost_cache_write_usd,
    if(new_total IS NULL, NULL, bill.output) AS cost_output_usd,
    if(new_total IS NULL, NULL, bill.tools) AS cost_tools_usd,
    accurateCastOrNull(bill.contracted, 'Decimal(18, 12)') AS contracted_cost_usd,
    multiIf(new_total IS NULL, 'unpriced', c.cost_reason != 'awaiting_price' OR bill.announced, 'estimated', 'priced') AS cost_status,
    multiIf(
        new_total IS NOT NULL, multiIf(c.cost_reason != 'awaiting_price', toString(c.cost_reason), bill.announced, 'announced_price', ''),
        bill.reason IS NULL, 'no_usage',
        bill.reason = '', 'invalid_usage',
        bill.reason) AS cost_reason,
    ifNull(bill.version, '') AS price_version,
    now64(3) AS ingested_at,
    bitShiftLeft(toUInt64(2), 32) + bitAnd(c.version, 4294967295) AS version)
FROM llmcost.llm_calls AS c FINAL
LEFT JOIN
(
    SELECT
        l.record_id AS record_id,
        if(count() = count(l.amount_usd), sum(l.amount_usd), NULL) AS total,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'input'), 0), 'Decimal(18, 12)') AS input,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'cache_read'), 0), 'Decimal(18, 12)') AS cache_read,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'cache_write'), 0), 'Decimal(18, 12)') AS cache_write,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'output'), 0), 'Decimal(18, 12)') AS output,
        accurateCastOrNull(ifNull(sumIf(l.amount_usd, l.cost_group = 'tools'), 0), 'Decimal(18, 12)') AS tools,
        if(count(l.contracted_usd) = 0, NULL, sum(ifNull(l.contracted_usd, l.amount_usd))) AS contracted,
        max(l.reason) AS reason,
        max(l.announced) AS announced,
        max(l.book_version) AS version
    FROM llmcost_internal.lines_by_book(book = 'current') AS l
    WHERE l.record_id IN (SELECT record_id FROM waiting) AND toStartOfHour(l.ts) IN stale
    GROUP BY record_id
) AS bill ON c.record_id = bill.record_id
WHERE c.record_id IN (SELECT record_id FROM waiting) AND toStartOfHour(c.ts) IN stale
SETTINGS join_use_nulls = 1
