-- Grain: one row of foreign_spans per span that another emitter sent.
-- Source: otel_traces.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.foreign_spans_from_traces ${on_cluster} TO llmcost.foreign_spans AS
SELECT
    Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, ResourceAttributes, ScopeName, ScopeVersion,
    SpanAttributes, Duration, StatusCode, StatusMessage
FROM llmcost.otel_traces
WHERE ScopeName != 'otel_llmcost'
