-- Grain: one row per span or log event that is a record, before typing. Holds nothing (Null engine): it is
-- the one doorway through which spans and events of a record become identical rows of llm_calls.
-- Source: llm_records_from_traces, llm_records_from_logs. Retention: none.
-- Shard: each its own
CREATE TABLE IF NOT EXISTS llmcost.llm_records ${on_cluster}
(
    start DateTime64(9, 'UTC'),
    duration_ns Int64,
    trace_id String,
    span_id String,
    parent_span_id String,
    service LowCardinality(String),
    resource Map(LowCardinality(String), String),
    attributes Map(LowCardinality(String), String),
    scope String,
    failed UInt8,
    rank UInt8
)
ENGINE = Null
