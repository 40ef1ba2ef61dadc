-- Grain: one row of llm_records per span that is a record of ours.
-- Source: otel_traces. Other emitters' spans have a doorway of their own, llm_records_from_foreign_spans.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_records_from_traces ${on_cluster} TO llmcost.llm_records AS
SELECT
    toTimeZone(Timestamp, 'UTC') AS start,
    toInt64(Duration) AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    ParentSpanId AS parent_span_id,
    ServiceName AS service,
    ResourceAttributes AS resource,
    SpanAttributes AS attributes,
    ScopeName AS scope,
    StatusCode = 'Error' AS failed,
    1 AS rank
FROM llmcost.otel_traces
WHERE ScopeName = 'otel_llmcost' AND SpanAttributes['llmcost.record.id'] != ''
