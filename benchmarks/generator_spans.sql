-- Grain: one raw span of a call in llm_calls: of one call in {one_in}, {count} at most.
INSERT INTO llmcost.otel_traces
(Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
 ScopeName, SpanAttributes, Duration, StatusCode)
SELECT
    ts, trace_id, span_id, parent_span_id, concat('chat ', model), 'Client', service,
    map('service.name', toString(service), 'deployment.environment.name', toString(environment), 'service.version', toString(service_version)),
    'otel_llmcost',
    map('gen_ai.operation.name', 'chat', 'gen_ai.provider.name', toString(provider),
        'gen_ai.request.model', toString(request_model), 'gen_ai.response.model', toString(model),
        'gen_ai.response.id', response_id, 'gen_ai.usage.input_tokens', toString(input_tokens),
        'gen_ai.usage.output_tokens', toString(output_tokens),
        'gen_ai.usage.cache_read.input_tokens', toString(cache_read_tokens),
        'gen_ai.usage.cost.amount', toString(cost_usd), 'user.id', user_id, 'session.id', session_id,
        'llmcost.record.id', record_id, 'llmcost.feature', toString(feature),
        'llmcost.allocation.team', toString(team), 'llmcost.cost.status', toString(cost_status),
        'llmcost.cost.input', toString(cost_input_usd), 'llmcost.cost.output', toString(cost_output_usd),
        'llmcost.price.version', toString(price_version), 'code.function.name', toString(call_site)),
    toUInt64(duration_ms) * 1000000, if(error_type = '', 'Unset', 'Error')
FROM llmcost.llm_calls
WHERE cityHash64(record_id) % {one_in:UInt64} = 0
LIMIT {count:UInt64}
SETTINGS max_partitions_per_insert_block = 0
