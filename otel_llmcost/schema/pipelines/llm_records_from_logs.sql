-- Grain: one row of llm_records per `llmcost.call` event; the record of a batch whose results were read to
-- their end wins over one whose download was broken off, whichever came first.
-- Source: otel_logs, recognised by scope name and record id, never by event name (see otel_logs).
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_records_from_logs ${on_cluster} TO llmcost.llm_records AS
WITH
    toInt64OrZero(LogAttributes['llmcost.start_time_unix_nano']) AS started,
    toUnixTimestamp64Nano(Timestamp) AS ended
SELECT
    toTimeZone(if(started > 0, fromUnixTimestamp64Nano(started), Timestamp), 'UTC') AS start,
    if(started > 0, ended - started, 0) AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    '' AS parent_span_id,
    ServiceName AS service,
    ResourceAttributes AS resource,
    LogAttributes AS attributes,
    ScopeName AS scope,
    0 AS failed,
    if(LogAttributes['llmcost.replies'] != '' AND LogAttributes['llmcost.cost.status'] != 'partial', 1, 0) AS rank
FROM llmcost.otel_logs
WHERE ScopeName = 'otel_llmcost' AND LogAttributes['llmcost.record.id'] != ''
