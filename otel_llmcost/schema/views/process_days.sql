-- Grain: one row per day, environment, service and process (16 hex digits, the beginning of our record ids; empty for
-- records without a sequence), computed from the records themselves: how many, how complete, how late.
-- Source: llm_calls, duplicate_calls. Read trust instead.
CREATE OR REPLACE VIEW llmcost.process_days ${on_cluster} AS
WITH
    c.source != 'otel_llmcost' AND (toStartOfHour(c.ts), c.record_id) IN
        (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls) AS doubled,
    c.source = 'otel_llmcost' AND match(c.record_id, '^[0-9a-f]{32}\\z') AS in_sequence
SELECT
    toDate(c.ts) AS day,
    c.environment AS environment,
    c.service AS service,
    if(in_sequence, substring(c.record_id, 1, 16), '') AS process,
    count() AS records,
    countIf(NOT doubled) AS calls,
    countIf(c.source != 'otel_llmcost') AS foreign_records,
    countIf(NOT doubled AND c.cost_usd IS NOT NULL) AS priced_calls,
    countIf(NOT doubled AND c.cost_usd IS NULL) AS unpriced_calls,
    countIf(NOT doubled AND c.cost_status = 'partial') AS partial_calls,
    countIf(NOT doubled AND c.feature != '') AS tagged_calls,
    countIf(c.ts > c.ingested_at + INTERVAL 5 MINUTE) AS early_records,
    countIf(c.batch_id = '' AND dateDiff('second', c.ts, c.ingested_at) - c.duration_ms / 1000 > 86400) AS late_records,
    toNullable(max(dateDiff('millisecond', c.ts, c.ingested_at) - c.duration_ms) / 1000) AS max_lag_s,
    groupUniqArrayIf(toString(c.source), doubled) AS double_counted_by,
    maxIf(reinterpretAsUInt64(reverse(unhex(substring(c.record_id, 17, 16)))), in_sequence) AS newest
FROM llmcost.llm_calls AS c FINAL
WHERE c.service != 'otel-llmcost-doctor'
GROUP BY day, environment, service, process
SETTINGS do_not_merge_across_partitions_select_final = 1
