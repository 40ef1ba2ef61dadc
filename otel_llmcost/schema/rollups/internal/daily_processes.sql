-- Grain: one row per day, environment, service and process (16 hex digits, the beginning of our record ids; empty for
-- records without a sequence): how many records, how complete, how late. Read trust instead.
-- Source: llm_calls, duplicate_calls.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
CREATE TABLE llmcost_internal.daily_processes
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    process String COMMENT 'of ours; empty for records without a sequence' CODEC(ZSTD(1)),
    records UInt64 COMMENT 'all that arrived' CODEC(T64, ZSTD(1)),
    calls UInt64 COMMENT 'those that count' CODEC(T64, ZSTD(1)),
    foreign_records UInt64 CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    partial_calls UInt64 CODEC(T64, ZSTD(1)),
    tagged_calls UInt64 CODEC(T64, ZSTD(1)),
    early_records UInt64 CODEC(T64, ZSTD(1)),
    late_records UInt64 CODEC(T64, ZSTD(1)),
    max_lag_s Nullable(Float64),
    double_counted_by Array(String),
    newest UInt64 COMMENT 'highest sequence number' CODEC(T64, ZSTD(1))
)
ORDER BY (day, environment, service, process)
AS
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
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} AND c.service != 'otel-llmcost-doctor'
GROUP BY day, environment, service, process
SETTINGS do_not_merge_across_partitions_select_final = 1
