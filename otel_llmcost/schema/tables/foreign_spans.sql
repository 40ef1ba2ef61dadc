-- Grain: one row per span of another emitter, as far as it is read. Holds nothing (Null engine): a doorway, so that
-- the long query behind it is planned only for inserts that have such spans; planning took half of every insert's time.
-- Source: foreign_spans_from_traces. Retention: none.
-- Shard: each its own
CREATE TABLE IF NOT EXISTS llmcost.foreign_spans ${on_cluster}
(
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    ParentSpanId String,
    SpanName LowCardinality(String),
    ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeName String,
    ScopeVersion String,
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode LowCardinality(String),
    StatusMessage String
)
ENGINE = Null
