-- One row = one OTLP ExportLogsServiceRequest body, decoded by the engine (otel_llmcost/ingest/otlp.proto).
-- Keeps nothing: otlp_logs_mv flattens it into otel_logs. Bodies of log records are not even decoded.
CREATE TABLE llmcost.otlp_logs_in
(
    resource_logs Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64), double_value Nullable(Float64), array_value Tuple(values Array(Tuple(string_value String))))))),
        schema_url String,
        scope_logs Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64), double_value Nullable(Float64), array_value Tuple(values Array(Tuple(string_value String))))))),
            schema_url String,
            log_records Array(Tuple(
                time_unix_nano UInt64,
                observed_time_unix_nano UInt64,
                severity_number Int32,
                severity_text String,
                flags UInt32,
                trace_id String,
                span_id String,
                event_name String,
                attributes Array(Tuple(key String, value Tuple(string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64), double_value Nullable(Float64), array_value Tuple(values Array(Tuple(string_value String))))))
            ))
        ))
    ))
)
ENGINE = Null
