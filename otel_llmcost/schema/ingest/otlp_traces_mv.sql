-- One row = one span, in the column layout of the OpenTelemetry Collector's ClickHouse exporter.
-- Attribute values become text as pcommon.Value.AsString makes it; content attributes are left out.
-- Resource attributes are turned into a map once per resource, before the spans are unfolded.
-- Fields by tupleElement: the engine looks for `span.name` in every field of the type, a millisecond each and insert.
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
    instant(tupleElement(span, 'start_time_unix_nano')) AS Timestamp,
    lower(hex(tupleElement(span, 'trace_id'))) AS TraceId,
    lower(hex(tupleElement(span, 'span_id'))) AS SpanId,
    lower(hex(tupleElement(span, 'parent_span_id'))) AS ParentSpanId,
    tupleElement(span, 'trace_state') AS TraceState,
    tupleElement(span, 'name') AS SpanName,
    transform(tupleElement(span, 'kind'), [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified') AS SpanKind,
    resource['service.name'] AS ServiceName,
    resource AS ResourceAttributes,
    tupleElement(scope, 'name') AS ScopeName,
    tupleElement(scope, 'version') AS ScopeVersion,
    attribute_map(lean(tupleElement(span, 'attributes'))) AS SpanAttributes,
    if(tupleElement(span, 'end_time_unix_nano') > tupleElement(span, 'start_time_unix_nano'), tupleElement(span, 'end_time_unix_nano') - tupleElement(span, 'start_time_unix_nano'), 0) AS Duration,
    transform(tupleElement(tupleElement(span, 'status'), 'code'), [1, 2], ['Ok', 'Error'], 'Unset') AS StatusCode,
    tupleElement(tupleElement(span, 'status'), 'message') AS StatusMessage,
    arrayMap(e -> instant(e.time_unix_nano), tupleElement(span, 'events')) AS `Events.Timestamp`,
    tupleElement(tupleElement(span, 'events'), 'name') AS `Events.Name`,
    arrayMap(e -> attribute_map(lean_event(e.attributes)), tupleElement(span, 'events')) AS `Events.Attributes`,
    arrayMap(l -> lower(hex(l.trace_id)), tupleElement(span, 'links')) AS `Links.TraceId`,
    arrayMap(l -> lower(hex(l.span_id)), tupleElement(span, 'links')) AS `Links.SpanId`,
    tupleElement(tupleElement(span, 'links'), 'trace_state') AS `Links.TraceState`,
    arrayMap(l -> attribute_map(lean(l.attributes)), tupleElement(span, 'links')) AS `Links.Attributes`
FROM
(
    SELECT resource, tupleElement(scope_spans, 'scope') AS scope, arrayJoin(tupleElement(scope_spans, 'spans')) AS span
    FROM
    (
        SELECT attribute_map(lean(tupleElement(tupleElement(r, 'resource'), 'attributes'))) AS resource, arrayJoin(tupleElement(r, 'scope_spans')) AS scope_spans
        FROM (SELECT arrayJoin(resource_spans) AS r FROM llmcost.otlp_traces_in)
    )
)
