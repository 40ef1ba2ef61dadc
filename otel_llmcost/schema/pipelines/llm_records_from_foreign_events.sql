-- Grain: one row of llm_records per request that Claude Code reports in a log event, in our own attributes.
-- Source: otel_logs. Bedrock's geography raises the price. Facts come from `schema.facts`.
-- The event is sent at the end of a request. Its counts are Anthropic's own: input leaves cached tokens
-- out. What its user pays may be a subscription: the price of the tokens is an estimate.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_records_from_foreign_events ${on_cluster} TO llmcost.llm_records AS
WITH
    LogAttributes AS a,
    least(toUInt64OrZero(a['input_tokens']), 999999999999) AS uncached,
    least(toUInt64OrZero(a['output_tokens']), 999999999999) AS output,
    least(toUInt64OrZero(a['cache_read_tokens']), 999999999999) AS cache_read,
    least(toUInt64OrZero(a['cache_creation_tokens']), 999999999999) AS cache_write,
    -- `claude-x[1m]` requests the long context window of the same model.
    replaceRegexpOne(a['model'], '\\[\\w*\\]\\z', '') AS model,
    multiIf(
        position(model, 'anthropic.') > 0 OR startsWith(model, 'arn:'), 'aws.bedrock',
        position(model, '@') > 0, 'gcp.vertex_ai',
        'anthropic') AS provider,
    [model] AS named_models,
    ${bedrock_geo}
    ifNull(toInt64OrNull(toString(least(toFloat64OrZero(a['duration_ms']), 1e9))), 0) AS took_ms
SELECT
    toTimeZone(Timestamp - toIntervalMillisecond(greatest(took_ms, 0)), 'UTC') AS start,
    greatest(took_ms, 0) * 1000000 AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    '' AS parent_span_id,
    ServiceName AS service,
    ResourceAttributes AS resource,
    CAST(mapFilter((k, v) -> v != '', map(
        'llmcost.record.id', if(a['request_id'] != '', concat('claude_code:', a['request_id']),
            hex(sipHash128(toString(Timestamp), ScopeName, mapKeys(a), mapValues(a)))),
        'llmcost.convention', 'exclusive',
        'llmcost.cost.reason', 'foreign_subscription',
        'llmcost.price.mode', if(a['speed'] = 'fast', 'fast', 'standard'),
        'llmcost.price.geo', if(provider = 'aws.bedrock', bedrock_geo, ''),
        'llmcost.usage.input', toString(uncached),
        'llmcost.usage.cache_read', toString(cache_read),
        'llmcost.usage.cache_write_5m', toString(cache_write),
        'llmcost.usage.output', toString(output),
        'gen_ai.operation.name', 'chat',
        'gen_ai.provider.name', provider,
        'gen_ai.response.model', model,
        'gen_ai.request.model', a['model'],
        'gen_ai.usage.input_tokens', toString(uncached + cache_read + cache_write),
        'gen_ai.usage.cache_read.input_tokens', toString(cache_read),
        'gen_ai.usage.cache_write.input_tokens', toString(cache_write),
        'gen_ai.usage.output_tokens', toString(output),
        'gen_ai.usage.cost.amount', a['cost_usd'],
        'gen_ai.agent.name', 'claude-code',
        'user.id', arrayFirst(x -> x != '', [a['user.account_uuid'], a['user.id']]),
        'session.id', a['session.id'])),
        'Map(LowCardinality(String), String)') AS attributes,
    ScopeName AS scope,
    0 AS failed,
    1 AS rank
FROM llmcost.otel_logs
WHERE startsWith(ScopeName, 'com.anthropic.claude_code')
    AND (a['event.name'] IN ('api_request', 'claude_code.api_request')
        OR EventName IN ('api_request', 'claude_code.api_request')
        OR Body = 'claude_code.api_request')
