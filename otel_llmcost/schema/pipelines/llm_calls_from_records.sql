-- Grain: one row of llm_calls per row of llm_records.
-- Source: llm_records. No name or id is longer than 256 characters, and of a record that is sent again with
-- more in it (a session that goes on) the latest revision stays.
-- Total: any text in any attribute yields a row, never an error; what cannot be read is NULL, 0 or ''. Doubles arrive as
-- shortest round-trip text ('1e-7'), which Decimal parsing reads exactly.
-- A record in its small form has llmcost.details (docs/reference/attributes.md, Details): what is left out of it is
-- derived here, so that its row is that of a record with every attribute.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_calls_from_records ${on_cluster} TO llmcost.llm_calls AS
WITH
    -- A long text keeps its start, then a mark and a hash, so that texts that differ stay different.
    text -> if(length(text) <= 256 OR lengthUTF8(text) <= 256 AND length(text) <= 1024, text,
        concat(substring(substringUTF8(text, 1, 223), 1, 892), '…', lower(hex(sipHash128(text))))) AS bounded,
    scope = 'otel_llmcost' AS ours,
    a['llmcost.details'] != '' AS small,
    if(texts['gen_ai.response.model'] != '', texts['gen_ai.response.model'], texts['gen_ai.request.model']) AS any_model,
    texts['error.type'] AS any_error,
    toUInt64OrZero(a['gen_ai.usage.input_tokens']) AS said_input,
    toUInt64OrZero(a['gen_ai.usage.cache_read.input_tokens']) AS said_read,
    toUInt64OrZero(a['gen_ai.usage.cache_write.input_tokens']) AS said_write,
    -- The input includes what is cached; less than its parts it cannot be.
    if(said_input < said_read + said_write, said_input + said_read + said_write, said_input) AS all_input,
    multiIf(NOT ours, 'unpriced', small AND a['llmcost.cost.status'] = '', 'priced', texts['llmcost.cost.status']) AS said_status,
    multiIf(
        NOT ours OR said_status = 'unpriced', NULL,
        -- An attempt without any answer may have been billed: then nothing is known, and nothing is not 0.
        said_status = 'not_billed' AND a['gen_ai.usage.cost.amount'] = '' AND toUInt32OrZero(a['llmcost.attempts_unmetered']) = 0, toDecimal64OrNull('0', 12),
        toDecimal64OrNull(a['gen_ai.usage.cost.amount'], 12)) AS amount,
    -- In the small form the output is what the other groups leave of the amount.
    ifNull(toDecimal64OrNull(if(small, details['cost.input'], a['llmcost.cost.input']), 12), 0) AS usd_input,
    ifNull(toDecimal64OrNull(if(small, details['cost.cache_read'], a['llmcost.cost.cache_read']), 12), 0) AS usd_read,
    ifNull(toDecimal64OrNull(if(small, details['cost.cache_write'], a['llmcost.cost.cache_write']), 12), 0) AS usd_write,
    ifNull(toDecimal64OrNull(if(small, details['cost.tools'], a['llmcost.cost.tools']), 12), 0) AS usd_tools,
    ifNull(toDecimal64OrNull(if(small, details['cost.output'], a['llmcost.cost.output']), 12),
        if(small AND details['cost.output'] = '', assumeNotNull(amount) - usd_input - usd_read - usd_write - usd_tools, 0)) AS usd_output,
    -- So are the quantities, where none is named.
    mapApply((k, v) -> (bounded(substring(k, 7)), toDecimal64OrZero(v, 6)), mapFilter((k, v) -> startsWith(k, 'usage.'), details)) AS named_usage,
    map('input', toString(all_input - said_read - said_write), 'cache_read', toString(said_read), ${usual_write}, toString(said_write),
        'output', a['gen_ai.usage.output_tokens']) AS derived_usage
SELECT
    toDateTime64(start, 3, 'UTC') AS ts,
    others[1] AS record_id,
    others[2] AS trace_id,
    others[3] AS span_id,
    others[4] AS parent_span_id,
    texts['llmcost.scope.id'] AS scope_id,
    others[5] AS service,
    others[6] AS service_version,
    others[7] AS environment,
    texts['llmcost.feature'] AS feature,
    texts['llmcost.allocation.team'] AS team,
    texts['user.id'] AS user_id,
    texts['session.id'] AS session_id,
    texts['gen_ai.conversation.id'] AS conversation_id,
    texts['gen_ai.agent.name'] AS agent_name,
    texts['gen_ai.workflow.name'] AS workflow_name,
    CAST(mapApply((k, v) -> (bounded(substring(k, 20)), v), mapFilter((k, v) -> startsWith(k, 'llmcost.allocation.'), texts)), 'Map(LowCardinality(String), String)') AS allocation,
    texts['gen_ai.operation.name'] AS operation,
    texts['gen_ai.provider.name'] AS provider,
    texts['gen_ai.request.model'] AS request_model,
    any_model AS model,
    coalesce(nullIf(texts['llmcost.price.mode'], ''), nullIf(details['mode'], ''), 'standard') AS mode,
    if(small, details['context'], texts['llmcost.price.context']) AS price_context,
    multiIf(
        NOT small, texts['llmcost.price.geo'],
        details['geo'] = '' AND amount IS NOT NULL AND said_status IN ('priced', 'partial', 'estimated'), '1',
        details['geo']) AS price_geo,
    others[8] AS finish_reason,
    if(any_error = '' AND failed AND NOT ours, 'error', any_error) AS error_type,
    if(a['llmcost.replies'] != '', toUInt32OrZero(a['llmcost.replies']), if(said_status = 'not_billed', 0, 1)) AS replies,
    all_input AS input_tokens,
    all_input - said_read - said_write AS uncached_input_tokens,
    said_read AS cache_read_tokens,
    said_write AS cache_write_tokens,
    toUInt64OrZero(if(small, details['usage.cache_write_1h'], a['llmcost.usage.cache_write_1h']))
        + toUInt64OrZero(if(small, details['usage.cache_write_12h'], a['llmcost.usage.cache_write_12h'])) AS cache_write_long_tokens,
    toUInt64OrZero(a['gen_ai.usage.output_tokens']) AS output_tokens,
    toUInt64OrZero(a['gen_ai.usage.reasoning.output_tokens']) AS reasoning_tokens,
    CAST(multiIf(
        NOT small, mapApply((k, v) -> (bounded(substring(k, 15)), toDecimal64OrZero(v, 6)), mapFilter((k, v) -> startsWith(k, 'llmcost.usage.') AND k != 'llmcost.usage.items', a)),
        empty(named_usage), mapFilter((k, v) -> v != 0, mapApply((k, v) -> (k, toDecimal64OrZero(v, 6)), derived_usage)),
        mapFilter((k, v) -> v != 0, named_usage)), 'Map(LowCardinality(String), Decimal(18, 6))') AS other_usage,
    a['llmcost.usage.items'] AS usage_items,
    amount AS cost_usd,
    -- A group without a line is absent from a priced record and is then a true zero.
    if(amount IS NULL, NULL, usd_input) AS cost_input_usd,
    if(amount IS NULL, NULL, usd_read) AS cost_cache_read_usd,
    if(amount IS NULL, NULL, usd_write) AS cost_cache_write_usd,
    if(amount IS NULL, NULL, usd_output) AS cost_output_usd,
    if(amount IS NULL, NULL, usd_tools) AS cost_tools_usd,
    if(ours, toDecimal64OrNull(a['llmcost.cost.contracted'], 12), NULL) AS contracted_cost_usd,
    toDecimal64OrNull(if(ours, a['llmcost.cost.reported'], a['gen_ai.usage.cost.amount']), 12) AS reported_cost_usd,
    if(amount IS NULL, 'unpriced', said_status) AS cost_status,
    if(amount IS NULL AND texts['llmcost.cost.reason'] = '', 'no_cost', texts['llmcost.cost.reason']) AS cost_reason,
    if(small, details['version'], texts['llmcost.price.version']) AS price_version,
    toUInt32(least(greatest(intDiv(duration_ns, 1000000), 0), 4294967295)) AS duration_ms,
    toUInt32OrNull(toString(toInt64OrNull(toString(round(toFloat64OrNull(a['gen_ai.response.time_to_first_chunk']) * 1000))))) AS ttft_ms,
    toUInt64OrNull(a['gen_ai.request.max_tokens']) AS max_tokens,
    if(small, details['stream'], texts['llmcost.stream.outcome']) AS stream_outcome,
    toUInt32OrZero(a['http.request.resend_count']) AS resend_count,
    toUInt32OrZero(a['llmcost.attempts_unmetered']) AS attempts_unmetered,
    texts['llmcost.batch.id'] AS batch_id,
    if(small, details['request'], texts['llmcost.fingerprint.request']) AS request_fingerprint,
    if(small, details['prefix'], texts['llmcost.fingerprint.prefix']) AS prefix_fingerprint,
    others[9] AS call_site,
    others[10] AS server_address,
    texts['gen_ai.response.id'] AS response_id,
    others[11] AS source,
    if(texts['llmcost.convention'] = '', 'inclusive', texts['llmcost.convention']) AS convention,
    now64(3) AS ingested_at,
    -- Seconds count down, so that a replay never replaces what it repeats.
    bitShiftLeft(toUInt64(rank), 32) + if(a['llmcost.record.revision'] = '',
        4294967295 - toUnixTimestamp(now()),
        least(toUInt64OrZero(a['llmcost.record.revision']), 4294967295)) AS version
FROM
(
    WITH
        a['gen_ai.response.finish_reasons'] AS finish,
        a['code.function.name'] AS function,
        if(a['code.file.path'] = '', '', concat(a['code.file.path'], if(a['code.line.number'] = '', '', concat(':', a['code.line.number'])))) AS place
    SELECT
        *,
        arrayMap(text -> bounded(text), [
            multiIf(
                a['llmcost.record.id'] != '', a['llmcost.record.id'],
                trace_id != '' OR span_id != '', concat(trace_id, ':', span_id),
                hex(sipHash128(toString(start), scope, mapKeys(attributes), mapValues(attributes)))),
            trace_id,
            span_id,
            parent_span_id,
            toString(service),
            resource['service.version'],
            if(resource['deployment.environment.name'] != '', resource['deployment.environment.name'], resource['deployment.environment']),
            if(startsWith(finish, '['), arrayStringConcat(JSONExtract(finish, 'Array(String)'), ','), finish),
            multiIf(function = '', place, place = '', function, concat(function, ' (', place, ')')),
            concat(a['server.address'], if(a['server.port'] IN ('', '0', '80', '443'), '', concat(':', a['server.port']))),
            scope]) AS others
    FROM
    (
        -- Bounded here, once: half of the columns are texts of these maps. Each bound by itself costs a millisecond of every
        -- insert, and together they cost a quarter of all ingest.
        SELECT
            *,
            attributes AS a,
            mapApply((k, v) -> (k, bounded(v)), attributes) AS texts,
            mapApply((k, v) -> (k, bounded(v)), extractKeyValuePairs(attributes['llmcost.details'], '=', ' ', '"')) AS details
        FROM llmcost.llm_records
    )
) AS r
