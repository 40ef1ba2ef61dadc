-- Grain: one row of llm_records per span of another emitter that is one call of a model, in our own attributes.
-- Source: foreign_spans. Also spans that Anthropic and OpenRouter send from their servers.
-- A model id that only Bedrock has says who bills where a framework names itself as the provider (Strands).
-- Facts come from `schema.facts`.
-- Understood: OTel's GenAI conventions old and new, OpenLLMetry, OpenInference, Anthropic's SDK and servers, OpenRouter's
-- Broadcast, Logfire, LiteLLM, Vercel AI SDK. Not calls: spans that picture a record of ours; agents, workflows, chains and
-- tools, which repeat the usage of the calls below them; the outer spans of the AI SDK; Claude Code's, whose events count;
-- OpenRouter's attempts at a generation, which repeat its usage, and its test spans.
-- In steps: the engine repeats the text of an alias wherever it is used, and plans at each insert; so in one step it took twice as long.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.llm_records_from_foreign_spans ${on_cluster} TO llmcost.llm_records AS
WITH
    reported AS
    (
        SELECT
            *, SpanAttributes AS a,
            a['openinference.span.kind'] AS kind,
            a['ai.operationId'] AS vercel,
            startsWith(ScopeName, 'logfire.') AS logfire,
            ScopeName = 'com.anthropic.claude-platform' OR ScopeName = '' AND ServiceName = 'claude-platform' AS claude_platform,
            -- A collector may rewrite the resource; the scope was not always named.
            ScopeName = 'openrouter' OR ScopeName IN ('', 'broadcast') AND ServiceName = 'openrouter'
                OR arrayExists(k -> startsWith(k, 'trace.metadata.openrouter.'), mapKeys(a)) AS openrouter,
            multiIf(
                a['gen_ai.operation.name'] != '', a['gen_ai.operation.name'],
                kind = 'EMBEDDING' OR match(vercel, '\\.doEmbed\\z'), 'embeddings',
                kind = 'LLM' OR vercel != '', 'chat',
                a['llm.request.type']) AS operation,
            -- The provider's own usage object, as some emitters quote it: JSON, or Python's text of a dict.
            arrayFirst(x -> x != '', [a['gen_ai.usage.raw'], a['metadata.usage_object'], a['ai.response.providerMetadata']]) AS raw,
            arrayFirst(x -> x != '', [a['gen_ai.request.model'], a['llm.request.model_name'], a['ai.model.id']]) AS request_model,
            arrayFirst(x -> x != '', [
                a['gen_ai.response.model'], a['llm.response.model_name'], a['ai.response.model'], a['llm.model_name'],
                a['embedding.model_name'], request_model]) AS model,
            arrayFirst(x -> x != '', [a['gen_ai.response.id'], a['ai.response.id']]) AS response_id,
            ${is_claude(model)} AS claude,
            -- Who bills: the host that is reported, else who the emitter names. LiteLLM names where it was configured to send to.
            arrayFirst(x -> x != '', [a['server.address'], a['gen_ai.openai.api_base'], a['url.full']]) AS said_address,
            extract(a['hidden_params'], '"api_base": "([^"]*)"') AS configured_address,
            extractGroups(lower(if(said_address != '', said_address, configured_address)),
                '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?([^/?#:]+)(?::(\\d+))?') AS address,
            trimRight(address[1], '.') AS host,
            lower(arrayFirst(x -> x != '', [
                -- OpenRouter's models begin with who made them, whoever served them.
                if(openrouter AND position(model, '/') > 0, splitByChar('/', model)[1], ''), a['gen_ai.provider.name'], a['gen_ai.system'], a['llm.provider'], a['llm.system'], a['ai.model.provider']])) AS named,
            -- Counts. Capped, so that sums of nonsense do not wrap around.
            arrayFirst(x -> x != '', [
                a['gen_ai.usage.input_tokens'], a['gen_ai.usage.prompt_tokens'], a['llm.usage.prompt_tokens'], a['llm.token_count.prompt'],
                a['ai.usage.inputTokens'], a['ai.usage.promptTokens'], a['ai.usage.tokens']]) AS input_text,
            arrayFirst(x -> x != '', [
                a['gen_ai.usage.output_tokens'], a['gen_ai.usage.completion_tokens'], a['llm.usage.completion_tokens'],
                a['llm.token_count.completion'], a['ai.usage.outputTokens'], a['ai.usage.completionTokens']]) AS output_text,
            arrayMap(x -> toUInt64OrZero(x),
                ${raw_read}
            ) AS raw_reads,
            arrayMap(x -> toUInt64OrZero(x),
                ${raw_write}
            ) AS raw_writes,
            arrayFirst(x -> x != '', [
                a['gen_ai.usage.cache_read.input_tokens'], a['gen_ai.usage.cache_read_input_tokens'], a['gen_ai.usage.cached_input_tokens'],
                a['gen_ai.usage.cached_tokens'], a['gen_ai.usage.input_tokens.cached'], a['gen_ai.usage.details.cache_read_input_tokens'], a['gen_ai.usage.details.cache_read_tokens'],
                a['gen_ai.usage.details.cached_tokens'], a['gen_ai.usage.cache_read_tokens'], a['llm.token_count.prompt_details.cache_read'], a['ai.usage.cachedInputTokens'],
                if(empty(raw_reads), '', toString(arrayMax(raw_reads)))]) AS read_text,
            arrayFirst(x -> x != '', [
                a['gen_ai.usage.cache_write.input_tokens'], a['gen_ai.usage.cache_creation.input_tokens'],
                a['gen_ai.usage.cache_creation_input_tokens'], a['gen_ai.usage.cache_write_input_tokens'], a['gen_ai.usage.input_tokens.cache_write'],
                a['gen_ai.usage.details.cache_creation_input_tokens'], a['gen_ai.usage.details.cache_write_tokens'],
                a['gen_ai.usage.cache_write_tokens'], a['gen_ai.usage.cache_creation_tokens'],
                a['llm.token_count.prompt_details.cache_write'], a['ai.usage.inputTokenDetails.cacheWriteTokens'],
                if(empty(raw_writes), '', toString(arrayMax(raw_writes)))]) AS write_text,
            least(toUInt64OrZero(input_text), 1000000000000000) AS said_input,
            least(toUInt64OrZero(output_text), 1000000000000000) AS said_output,
            least(toUInt64OrZero(arrayFirst(x -> x != '', [
                a['gen_ai.usage.total_tokens'], a['llm.usage.total_tokens'], a['llm.token_count.total'], a['ai.usage.totalTokens']])), 1000000000000000) AS said_total,
            arrayFirst(x -> x != '', [
                a['anthropic.usage.cache_creation.ephemeral_5m_input_tokens'], a['gen_ai.usage.input_tokens.cache_write_5m'],
                extract(raw, '["\'](?:ephemeral_5m_input_tokens|ttl_30m\\w*)["\']: ?(\\d+)')]) AS short_text,
            arrayFirst(x -> x != '', [
                a['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'], a['gen_ai.usage.input_tokens.cache_write_1h'],
                extract(raw, '["\'](?:ephemeral_1h_input_tokens|ttl_12h\\w*)["\']: ?(\\d+)')]) AS long_text,
            least(toUInt64OrZero(arrayFirst(x -> x != '', [
                a['gen_ai.usage.reasoning.output_tokens'], a['gen_ai.usage.reasoning_tokens'], a['gen_ai.usage.details.reasoning_tokens'],
                a['gen_ai.usage.output_tokens.reasoning'], a['llm.usage.reasoning_tokens'], a['llm.token_count.completion_details.reasoning'], a['ai.usage.reasoningTokens'],
                extract(raw, '["\']reasoning_tokens["\']: ?(\\d+)')])), 1000000000000000) AS reasoning,
            toUInt64(said_total - least(said_input + said_output, said_total)) AS extra,
            -- Anthropic's SDK leaves compactions out of its counts; they are billed like the rest.
            least(toUInt64OrZero(a['anthropic.usage.compaction.input_tokens']), 1000000000000000) AS compaction_in,
            least(toUInt64OrZero(a['anthropic.usage.compaction.output_tokens']), 1000000000000000) AS compaction_out,
            lower(arrayFirst(x -> x != '', [
                a['openai.response.service_tier'], a['anthropic.response.service_tier'], a['gen_ai.openai.response.service_tier'],
                extract(raw, '["\']service_?[tT]ier["\']: ?["\'](\\w+)["\']')])) AS served,
            if(served != '', served, lower(arrayFirst(x -> x != '', [
                a['openai.request.service_tier'], a['gen_ai.openai.request.service_tier']]))) AS tier,
            [request_model, model] AS named_models,
            arrayFirst(x -> x != '', [
                a['gen_ai.response.finish_reasons'], a['gen_ai.response.finish_reason'], a['anthropic.message.stop_reason'], a['llm.finish_reason'],
                a['ai.response.finishReason'], a['gen_ai.completion.0.finish_reason']]) AS finish,
            arrayFirst(x -> x != '', [
                a['gen_ai.usage.cost.amount'], a['gen_ai.usage.cost'], a['gen_ai.usage.total_cost'], a['gen_ai.cost.total_cost'], a['llm.cost.total'], a['operation.cost']]) AS claim
        FROM llmcost.foreign_spans
        WHERE a['llmcost.record.id'] = ''
            AND (a['gen_ai.operation.name'] != '' OR a['gen_ai.request.model'] != '' OR kind != '' OR vercel != '')
            AND NOT startsWith(ScopeName, 'com.anthropic.claude_code')
            -- A turn of Anthropic's agents counts while none of its model runs is known.
            AND NOT (a['gen_ai.operation.name'] = 'invoke_agent' AND NOT (claude_platform AND input_text != ''))
            AND a['gen_ai.operation.name'] NOT IN (
                'agent_step', 'create_agent', 'invoke_workflow', 'execute_tool', 'plan',
                'agent', 'workflow', 'task', 'tool', 'chain', 'retrieval', 'rerank', 'fetch_response', 'count_tokens')
            AND a['traceloop.span.kind'] NOT IN ('agent', 'workflow', 'task', 'tool')
            AND kind IN ('', 'LLM', 'EMBEDDING')
            AND (vercel = '' OR match(vercel, '\\.do(?:Generate|Stream|Embed)\\z'))
            AND a['logfire.span_type'] != 'pending_span'
            -- Logfire reports a stream twice: at its start without usage, at its end with it.
            AND NOT (logfire AND a['logfire.span_type'] = 'span' AND input_text = '' AND response_id = '' AND StatusCode != 'Error')
            -- `generation`, `moderation` and `provider attempt N: NAME` are below the call; its id with a suffix is theirs.
            AND NOT (openrouter AND (
                match(SpanName, '^(?i:(?:provider )?attempt\\b.*|generation|moderation|test generation|openrouter-connection-test|test trace\\b.*)\\z')
                OR match(response_id, ':(?:generation|moderation|attempt-?\\d*)\\z')))
    ),
    understood AS
    (
        SELECT
            *,
            ${bedrock_geo}
            extract(host, '^([a-z]{2})\\.api\\.openai\\.com\\z') AS openai_region,
            multiIf(
                ${host_branches}
                '') AS host_bills,
            multiIf(
                claude_platform, 'anthropic',
                host_bills != '', host_bills,
                match(named, '^(?:google\\.)?vertex\\.'), 'gcp.vertex_ai',
                match(named, '^(?:amazon-)?bedrock\\b'), 'aws.bedrock',
                startsWith(named, 'azure.') AND NOT startsWith(named, 'azure.ai.') OR startsWith(named, 'azure-openai'), 'azure.ai.openai',
                startsWith(named, 'openai.'), 'openai',
                startsWith(named, 'anthropic.'), 'anthropic',
                match(request_model, '^(?:[a-z]+\\.)?anthropic\\.claude-'), 'aws.bedrock',
                transform(named,
                    ${provider_names}
                    named)) AS provider,
            said_address != '' AND host_bills = '' AND NOT claude_platform AND NOT openrouter AND provider IN (
                ${known_providers}
            ) AS unknown_host,
            least(toUInt64OrZero(read_text), 1000000000000000) AS cache_read,
            least(toUInt64OrZero(write_text), 1000000000000000) AS cache_write,
            least(toUInt64OrZero(long_text), cache_write) AS long_write,
            cache_write = 0 OR toUInt64OrZero(short_text) + long_write = cache_write AS ttl_known,
            -- Does the input include the cached part? Emitters that copy Anthropic's counts leave it out: some are known to,
            -- others betray it by an input smaller than its parts, or a total that adds the parts up. Does the output include
            -- reasoning? Some servers leave it out (xAI), and only the total says so. As in providers/openai_counts.py.
            cache_read + cache_write AS parts,
            claude AND (startsWith(ScopeName, 'openlit') OR vercel != '' AND a['ai.usage.inputTokenDetails.noCacheTokens'] = '') AS leaves_out,
            extra > 0 AND extra = parts AND parts != reasoning AS adds_parts,
            extra > 0 AND extra = reasoning AND parts != reasoning AS adds_reasoning,
            parts > 0 AND reasoning > 0 AND extra = parts + reasoning AS adds_both,
            multiIf(
                provider = 'anthropic', if(extract(raw, '["\']speed["\']: ?["\'](\\w+)["\']') = 'fast', 'fast', transform(tier, ['batch'], ['batch'], 'standard')),
                transform(tier, ['flex', 'priority', 'fast', 'ultrafast', 'batch'], ['flex', 'fast', 'fast', 'ultrafast', 'batch'], 'standard')) AS mode,
            multiIf(
                openai_region IN (
                    ${openai_regions}
                ), 'regional',
                openai_region != '', 'unknown',
                provider = 'anthropic' AND extract(raw, '["\']inference_geo["\']: ?["\'](\\w+)["\']') = 'us', 'us',
                provider = 'aws.bedrock', bedrock_geo,
                provider = 'gcp.vertex_ai' AND host_bills = provider AND host != 'aiplatform.googleapis.com', 'regional',
                '') AS geo
        FROM reported
    ),
    compared AS
    (
        SELECT
            *,
            parts > 0 AND (leaves_out OR parts > said_input OR adds_parts OR adds_both) AS exclusive,
            if(exclusive, said_input + parts, said_input) AS input,
            toUInt64(input - parts) AS uncached,
            -- More in total than input and output: most likely thinking, as Gemini leaves it out.
            said_total > 0 AND NOT (adds_parts OR adds_reasoning OR adds_both)
                AND said_total NOT IN (said_input + said_output, input + said_output) AS unexplained
        FROM understood
    ),
    summed AS
    (
        SELECT
            *,
            said_output + multiIf(
                adds_reasoning OR adds_both, reasoning,
                unexplained AND output_text != '', extra,
                0) AS output,
            least(toUInt64OrZero(arrayFirst(x -> x != '', [a['gen_ai.usage.audio.input_tokens'], a['gen_ai.usage.input_tokens.audio'], a['llm.token_count.prompt_details.audio']])), uncached) AS audio_in,
            least(toUInt64OrZero(arrayFirst(x -> x != '', [a['gen_ai.usage.audio.output_tokens'], a['llm.token_count.completion_details.audio']])), output) AS audio_out,
            -- What keeps the price from being exact; only a span that has all that can change a bill is priced, not estimated.
            multiIf(
                unknown_host, 'unknown_host',
                startsWith(ScopeName, 'litellm') OR openrouter, 'foreign_gateway',
                host_bills = '' AND NOT claude_platform, 'foreign_host',
                provider NOT IN (${first_parties}), 'foreign_cloud',
                StatusCode = 'Error', 'foreign_failed',
                unexplained, 'foreign_total',
                NOT ttl_known, 'foreign_cache_ttl',
                operation = 'embeddings', 'awaiting_price',
                served NOT IN ('default', 'standard', 'flex', 'fast', 'ultrafast') AND NOT (served = 'priority' AND provider = 'openai'), 'foreign_tier',
                -- The official instrumentations leave zeros out; from others, nothing said may be nothing read.
                write_text = '' AND NOT startsWith(ScopeName, 'opentelemetry.instrumentation.genai.'), 'foreign_cache_write',
                finish IN ('', '[]'), 'foreign_stream',
                -- No emitter reports Anthropic's speed, geography and tool fees together with the host; nor the tool fees of Responses.
                provider = 'anthropic' OR NOT startsWith(response_id, 'chatcmpl-'), 'foreign_tools',
                match(model, 'audio|realtime|transcribe|tts|image|search'), 'foreign_modality',
                'awaiting_price') AS reason
        FROM compared
    )
SELECT
    toTimeZone(Timestamp, 'UTC') AS start,
    toInt64(Duration) AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    ParentSpanId AS parent_span_id,
    ServiceName AS service,
    ResourceAttributes AS resource,
    CAST(mapFilter((k, v) -> v != '', mapConcat(
        mapFilter((k, v) -> startsWith(k, 'llmcost.allocation.'), CAST(a, 'Map(String, String)')),
        mapApply((k, v) -> (concat('llmcost.usage.', k), if(v = 0, '', toString(least(v, 999999999999)))), map(
            'input', toUInt64(uncached - audio_in + compaction_in),
            'input_audio', audio_in,
            'cache_read', cache_read,
            ${short_write(claude)}, toUInt64(cache_write - long_write),
            ${long_write(claude)}, long_write,
            'output', toUInt64(output - audio_out + compaction_out),
            'output_audio', audio_out)),
        map(
            'llmcost.feature', a['llmcost.feature'],
            'llmcost.scope.id', a['llmcost.scope.id'],
            'llmcost.convention', if(exclusive, 'exclusive', 'inclusive'),
            'llmcost.cost.reason', reason,
            'llmcost.price.mode', mode,
            'llmcost.price.geo', geo,
            'gen_ai.operation.name', operation,
            'gen_ai.provider.name', provider,
            'gen_ai.request.model', request_model,
            'gen_ai.response.model', model,
            'gen_ai.response.id', response_id,
            'gen_ai.response.finish_reasons', finish,
            'gen_ai.usage.input_tokens', toString(input),
            'gen_ai.usage.cache_read.input_tokens', toString(cache_read),
            'gen_ai.usage.cache_write.input_tokens', toString(cache_write),
            'gen_ai.usage.output_tokens', toString(output),
            'gen_ai.usage.reasoning.output_tokens', toString(reasoning),
            'gen_ai.usage.cost.amount', if(upper(a['gen_ai.usage.cost.currency']) IN ('', 'USD'), claim, ''),
            'gen_ai.response.time_to_first_chunk', if(a['gen_ai.response.time_to_first_chunk'] != '',
                a['gen_ai.response.time_to_first_chunk'],
                ifNull(toString(toFloat64OrNull(a['ai.response.msToFirstChunk']) / 1000), '')),
            'gen_ai.request.max_tokens', a['gen_ai.request.max_tokens'],
            'gen_ai.conversation.id', a['gen_ai.conversation.id'],
            'gen_ai.agent.name', a['gen_ai.agent.name'],
            'gen_ai.workflow.name', arrayFirst(x -> x != '', [
                a['gen_ai.workflow.name'], a['traceloop.workflow.name'], a['ai.telemetry.functionId']]),
            'user.id', arrayFirst(x -> x != '', [
                a['user.id'], a['enduser.id'], a['traceloop.association.properties.user_id'], a['ai.telemetry.metadata.userId']]),
            'session.id', arrayFirst(x -> x != '', [
                a['session.id'], a['anthropic.session.id'], a['traceloop.association.properties.session_id'], a['ai.telemetry.metadata.sessionId']]),
            'code.function.name', arrayFirst(x -> x != '', [a['code.function.name'], a['code.function']]),
            'code.file.path', arrayFirst(x -> x != '', [a['code.file.path'], a['code.filepath']]),
            'code.line.number', arrayFirst(x -> x != '', [a['code.line.number'], a['code.lineno']]),
            'server.address', host,
            'server.port', if(address[2] != '', address[2], a['server.port']),
            'error.type', a['error.type'],
            'http.request.resend_count', a['http.request.resend_count']))),
        'Map(LowCardinality(String), String)') AS attributes,
    multiIf(claude_platform, 'com.anthropic.claude-platform', openrouter, 'openrouter', ScopeName) AS scope,
    StatusCode = 'Error' AS failed,
    1 AS rank
FROM summed
