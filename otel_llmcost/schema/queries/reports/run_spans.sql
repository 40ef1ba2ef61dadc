-- The stored spans of some traces, of whatever emitter: one row per span. Raw spans are kept for some days only.
-- Source: otel_traces.
SELECT
    TraceId AS trace_id, SpanId AS span_id, ParentSpanId AS parent_span_id, any(SpanName) AS name, any(ServiceName) AS service,
    any(ScopeName) AS scope, toTimeZone(min(Timestamp), 'UTC') AS ts, any(Duration) / 1000000 AS duration_ms,
    any(StatusCode) = 'Error' AS is_failed
FROM llmcost.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND Timestamp >= {since:DateTime64(3, 'UTC')} - INTERVAL 1 DAY
    AND Timestamp <= {until:DateTime64(3, 'UTC')} + INTERVAL 1 DAY
GROUP BY trace_id, span_id, parent_span_id
ORDER BY ts, span_id
LIMIT {limit:UInt32}
