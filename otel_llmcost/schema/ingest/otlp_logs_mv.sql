-- One row = one event (a log record with a name, or one of ours), in the exporter's column layout.
-- Plain log lines are left out, and Body is always empty: either may quote prompts.
-- A record without a time of its own gets its observed time, as the exporter does it.
-- Fields by tupleElement: the engine looks for `record.flags` in every field of the type, a millisecond each and insert.
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
    instant(if(tupleElement(record, 'time_unix_nano') = 0, tupleElement(record, 'observed_time_unix_nano'), tupleElement(record, 'time_unix_nano'))) AS Timestamp,
    lower(hex(tupleElement(record, 'trace_id'))) AS TraceId,
    lower(hex(tupleElement(record, 'span_id'))) AS SpanId,
    toUInt8(bitAnd(tupleElement(record, 'flags'), 255)) AS TraceFlags,
    tupleElement(record, 'severity_text') AS SeverityText,
    toUInt8(greatest(0, least(tupleElement(record, 'severity_number'), 255))) AS SeverityNumber,
    resource['service.name'] AS ServiceName,
    '' AS Body,
    resource_schema_url AS ResourceSchemaUrl,
    resource AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    tupleElement(scope, 'name') AS ScopeName,
    tupleElement(scope, 'version') AS ScopeVersion,
    attribute_map(lean(tupleElement(scope, 'attributes'))) AS ScopeAttributes,
    attribute_map(lean_event(tupleElement(record, 'attributes'))) AS LogAttributes,
    tupleElement(record, 'event_name') AS EventName
FROM
(
    SELECT resource, resource_schema_url, tupleElement(scope_logs, 'scope') AS scope, tupleElement(scope_logs, 'schema_url') AS scope_schema_url, arrayJoin(tupleElement(scope_logs, 'log_records')) AS record
    FROM
    (
        SELECT attribute_map(lean(tupleElement(tupleElement(r, 'resource'), 'attributes'))) AS resource, tupleElement(r, 'schema_url') AS resource_schema_url, arrayJoin(tupleElement(r, 'scope_logs')) AS scope_logs
        FROM (SELECT arrayJoin(resource_logs) AS r FROM llmcost.otlp_logs_in)
    )
)
WHERE tupleElement(record, 'event_name') != '' OR tupleElement(scope, 'name') = 'otel_llmcost'
    OR hasAny(tupleElement(tupleElement(record, 'attributes'), 'key'), ['event.name', 'llmcost.record.id', 'gen_ai.operation.name'])
