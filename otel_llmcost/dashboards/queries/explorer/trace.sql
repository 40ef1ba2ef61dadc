-- One row per span of the requested trace, as OpenTelemetry stored it; raw spans live shorter than calls.
SELECT
    TraceId AS traceID,
    SpanId AS spanID,
    ParentSpanId AS parentSpanID,
    ServiceName AS serviceName,
    SpanName AS operationName,
    toUnixTimestamp64Milli(Timestamp) AS startTime,
    Duration / 1000000 AS duration,
    StatusCode AS statusCode
FROM llmcost.otel_traces
WHERE TraceId = ${typed:trace_id} AND TraceId != ''
ORDER BY startTime
LIMIT 1000
SETTINGS $__adHocFilters('llmcost.calls')
