-- Grain: one row of llm_records per span that is a record of ours, or another emitter's GenAI call.
-- Source: otel_traces. Foreign spans that carry llmcost.record.id only picture a record whose event counts;
-- agent, workflow and tool spans repeat the usage of the calls below them. Neither is a call.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_records_from_traces ${on_cluster} TO llmcost.llm_records AS
SELECT
    toTimeZone(Timestamp, 'UTC') AS start,
    toInt64(Duration) AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    ParentSpanId AS parent_span_id,
    ServiceName AS service,
    ResourceAttributes AS resource,
    SpanAttributes AS attributes,
    ScopeName AS scope,
    StatusCode = 'Error' AS failed,
    1 AS rank
FROM llmcost.otel_traces
WHERE if(
    SpanAttributes['llmcost.record.id'] != '',
    ScopeName = 'otel_llmcost',
    ScopeName != 'otel_llmcost'
        AND (SpanAttributes['gen_ai.operation.name'] != '' OR SpanAttributes['gen_ai.request.model'] != '')
        AND SpanAttributes['gen_ai.operation.name'] NOT IN (
            'invoke_agent', 'create_agent', 'invoke_workflow', 'execute_tool', 'plan',
            'agent', 'workflow', 'task', 'tool', 'chain', 'retrieval', 'rerank', 'fetch_response', 'count_tokens')
        AND SpanAttributes['traceloop.span.kind'] NOT IN ('agent', 'workflow', 'task', 'tool'))
