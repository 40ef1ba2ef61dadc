-- One row = one event (a log record with a name, or one of ours), in the exporter's column layout.
-- Plain log lines are left out, and Body is always empty: either may quote prompts.
-- A record without a time of its own gets its observed time, as the exporter does it.
CREATE MATERIALIZED VIEW llmcost.otlp_logs_mv TO llmcost.otel_logs AS
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
    instant(if(record.time_unix_nano = 0, record.observed_time_unix_nano, record.time_unix_nano)) AS Timestamp,
    lower(hex(record.trace_id)) AS TraceId,
    lower(hex(record.span_id)) AS SpanId,
    toUInt8(bitAnd(record.flags, 255)) AS TraceFlags,
    record.severity_text AS SeverityText,
    toUInt8(greatest(0, least(record.severity_number, 255))) AS SeverityNumber,
    resource['service.name'] AS ServiceName,
    '' AS Body,
    resource_schema_url AS ResourceSchemaUrl,
    resource AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    attribute_map(lean(scope.attributes)) AS ScopeAttributes,
    attribute_map(lean_event(record.attributes)) AS LogAttributes,
    record.event_name AS EventName
FROM
(
    SELECT resource, resource_schema_url, scope_logs.scope AS scope, scope_logs.schema_url AS scope_schema_url, arrayJoin(scope_logs.log_records) AS record
    FROM
    (
        SELECT attribute_map(lean(r.resource.attributes)) AS resource, r.schema_url AS resource_schema_url, arrayJoin(r.scope_logs) AS scope_logs
        FROM (SELECT arrayJoin(resource_logs) AS r FROM llmcost.otlp_logs_in)
    )
)
WHERE record.event_name != '' OR scope.name = 'otel_llmcost'
    OR hasAny(record.attributes.key, ['event.name', 'llmcost.record.id', 'gen_ai.operation.name'])
