-- One row = one span, in the column layout of the OpenTelemetry Collector's ClickHouse exporter.
-- Attribute values become text as pcommon.Value.AsString makes it; content attributes are left out.
-- Resource attributes are turned into a map once per resource, before the spans are unfolded.
CREATE MATERIALIZED VIEW llmcost.otlp_traces_mv TO llmcost.otel_traces AS
WITH
    texts -> replaceAll(replaceAll(replaceAll(replaceAll(
        concat('[', arrayStringConcat(arrayMap(t -> toJSONString(t.string_value), texts), ','), ']'),
        '\\/', '/'), '<', '\\u003c'), '>', '\\u003e'), '&', '\\u0026') AS list,
    double -> if(ifNull(abs(double) < 1e21, true), toString(double),
        multiIf(isNaN(double), 'json: unsupported value: NaN',
            isInfinite(double), if(double > 0, 'json: unsupported value: +Inf', 'json: unsupported value: -Inf'),
            replaceOne(toString(double), 'e', 'e+'))) AS number,
    value -> coalesce(
        value.string_value, toString(value.int_value), number(value.double_value), toString(value.bool_value),
        if(notEmpty(value.array_value.values), list(value.array_value.values), '')) AS text,
    attributes -> CAST(
        mapFromArrays(attributes.key, arrayMap(value -> text(value), attributes.value)),
        'Map(LowCardinality(String), String)') AS attribute_map,
    attributes -> arrayFilter(a -> NOT match(a.key, {content_keys:String}), attributes) AS lean,
    attributes -> arrayFilter(a -> NOT match(a.key, {event_content_keys:String}), attributes) AS lean_event,
    nanos -> fromUnixTimestamp64Nano(toInt64(least(nanos, 9223372036854775807)), 'UTC') AS instant
SELECT
    instant(span.start_time_unix_nano) AS Timestamp,
    lower(hex(span.trace_id)) AS TraceId,
    lower(hex(span.span_id)) AS SpanId,
    lower(hex(span.parent_span_id)) AS ParentSpanId,
    span.trace_state AS TraceState,
    span.name AS SpanName,
    transform(span.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified') AS SpanKind,
    resource['service.name'] AS ServiceName,
    resource AS ResourceAttributes,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    attribute_map(lean(span.attributes)) AS SpanAttributes,
    if(span.end_time_unix_nano > span.start_time_unix_nano, span.end_time_unix_nano - span.start_time_unix_nano, 0) AS Duration,
    transform(span.status.code, [1, 2], ['Ok', 'Error'], 'Unset') AS StatusCode,
    span.status.message AS StatusMessage,
    arrayMap(e -> instant(e.time_unix_nano), span.events) AS `Events.Timestamp`,
    span.events.name AS `Events.Name`,
    arrayMap(e -> attribute_map(lean_event(e.attributes)), span.events) AS `Events.Attributes`,
    arrayMap(l -> lower(hex(l.trace_id)), span.links) AS `Links.TraceId`,
    arrayMap(l -> lower(hex(l.span_id)), span.links) AS `Links.SpanId`,
    span.links.trace_state AS `Links.TraceState`,
    arrayMap(l -> attribute_map(lean(l.attributes)), span.links) AS `Links.Attributes`
FROM
(
    SELECT resource, scope_spans.scope AS scope, arrayJoin(scope_spans.spans) AS span
    FROM
    (
        SELECT attribute_map(lean(r.resource.attributes)) AS resource, arrayJoin(r.scope_spans) AS scope_spans
        FROM (SELECT arrayJoin(resource_spans) AS r FROM llmcost.otlp_traces_in)
    )
)
