-- Grain: one made-up call of {day}, numbered from {first}.
INSERT INTO llmcost.llm_calls
(ts, record_id, trace_id, span_id, parent_span_id, scope_id, service, service_version, environment,
 feature, team, user_id, session_id, operation, provider, request_model, model, mode, price_context,
 finish_reason, error_type, replies, input_tokens, uncached_input_tokens, cache_read_tokens,
 cache_write_tokens, output_tokens, other_usage, cost_usd, cost_input_usd, cost_cache_read_usd,
 cost_cache_write_usd, cost_output_usd, cost_tools_usd, cost_status, cost_reason, price_version,
 duration_ms, ttft_ms, max_tokens, stream_outcome, resend_count, request_fingerprint,
 prefix_fingerprint, call_site, server_address, response_id, source, convention, ingested_at, version)
WITH
    rand64(3) / 18446744073709551616. AS u3, rand64(4) / 18446744073709551616. AS u4,
    rand64(5) / 18446744073709551616. AS u5, rand64(6) / 18446744073709551616. AS u6,
    intDiv({first:UInt64} + number, 4) AS four,
    toUInt32(pow(40, cityHash64(four, 1) / 18446744073709551616.)) AS feature_number,
    -- A third of the features are agents: four calls a run, of one trace, one after the other.
    if(feature_number % 3 = 2, four, {first:UInt64} + number + 1000000000000) AS run,
    toUInt32(pow(50000, cityHash64(run, 2) / 18446744073709551616.)) AS user_number,
    [0,1,2,3,4,5,6,7,7,8,8,8,9,9,9,9,10,10,10,11,11,12,13,13,14,14,14,15,15,15,16,16,17,18,20,22][1 + cityHash64(run, 3) % 36] AS hour,
    toDateTime64({day:Date}, 3, 'UTC') + toIntervalHour(hour) + toIntervalMillisecond(cityHash64(run, 4) % 3540000 + number % 4 * 7000 + rand(10) % 5000) AS at,
    [1, 1, 1, 2, 2, 3, 4, 5][1 + (feature_number + intDiv(rand(11), 858993459)) % 8] AS model_number,
    ['claude-sonnet-4-5', 'claude-haiku-4-5', 'gpt-5', 'gpt-5-mini', 'claude-opus-4-5'][model_number] AS model_name,
    [3., 1., 1.25, 0.25, 5.][model_number] AS usd_in, [15., 5., 10., 2., 25.][model_number] AS usd_out,
    toUInt64(least(180000, 20 + exp(6.8 + 0.05 * (feature_number % 20) + 1.1 * randNormal(0, 1, 12)))) AS prompt,
    u3 < 0.02 AS is_failed,
    if(is_failed OR prompt < 1024 OR u4 > 0.7, 0, intDiv(prompt, 128) * 100) AS cached,
    if(is_failed OR prompt < 1024 OR u4 < 0.97, 0, intDiv(prompt, 2)) AS written,
    if(is_failed, 0, prompt) AS all_input,
    all_input - cached - written AS uncached,
    if(is_failed, 0, toUInt64(least(16000, 1 + exp(5 + 0.9 * randNormal(0, 1, 13))))) AS output,
    toUInt32(200 + output * 12 * (0.5 + u5)) AS milliseconds,
    toDecimal64(uncached * usd_in / 1e6, 12) AS c_in, toDecimal64(cached * usd_in * 0.1 / 1e6, 12) AS c_read,
    toDecimal64(written * usd_in * 1.25 / 1e6, 12) AS c_write, toDecimal64(output * usd_out / 1e6, 12) AS c_out,
    four % 10 > 0 AS is_prod,
    lower(hex(sipHash64({first:UInt64}, feature_number % 6, is_prod, four % 8))) AS process
SELECT
    at, concat(process, leftPad(lower(hex(row_number() OVER (PARTITION BY process ORDER BY at))), 16, '0')),
    lower(hex(sipHash128(run))), lower(hex(randomFixedString(8))), lower(hex(sipHash64(run, 5))),
    lower(hex(sipHash64(run, 6))),
    concat('service-', toString(feature_number % 6)), concat('1.', toString(intDiv(toDayOfYear({day:Date}), 7))),
    if(is_prod, 'prod', 'staging'),
    if(u6 < 0.95, concat('feature-', toString(feature_number)), ''), concat('team-', toString(feature_number % 5)),
    concat('user-', toString(user_number)), concat('session-', toString(user_number), '-', toString({day:Date}), '-', toString(cityHash64(run, 7) % 3)),
    'chat', if(model_number IN (3, 4), 'openai', 'anthropic'), model_name, model_name, 'standard', 'short',
    multiIf(is_failed, '', u4 > 0.98, 'max_tokens', 'end_turn'), if(is_failed, 'RateLimitError', ''), if(is_failed, 0, 1),
    all_input, uncached, cached, written, output,
    CAST(mapFilter((bucket, quantity) -> quantity > 0, map('input', toDecimal64(uncached, 6), 'cache_read', toDecimal64(cached, 6),
        if(model_number IN (3, 4), 'cache_write_30m', 'cache_write_5m'), toDecimal64(written, 6), 'output', toDecimal64(output, 6))),
        'Map(LowCardinality(String), Decimal(18, 6))'),
    c_in + c_read + c_write + c_out, c_in, c_read, c_write, c_out, 0,
    if(is_failed, 'not_billed', 'priced'), if(is_failed, 'http_429', ''), '2026.11.22',
    milliseconds, if(u6 < 0.6, toUInt32(150 + 400 * u5), NULL), 4096,
    if(u6 < 0.6, 'complete', ''), u3 BETWEEN 0.02 AND 0.04,
    -- One call in fifty repeats an earlier one.
    if(u4 < 0.02, lower(hex(sipHash64(feature_number, user_number % 100))), lower(hex(randomFixedString(8)))),
    lower(hex(sipHash64(feature_number))), concat('answer (app/feature_', toString(feature_number), '.py:42)'),
    if(model_number IN (3, 4), 'api.openai.com', 'api.anthropic.com'),
    if(is_failed, '', concat('msg_01', substring(base64Encode(randomFixedString(18)), 1, 22))), 'otel_llmcost', 'inclusive',
    -- The SDK exports every five seconds.
    toStartOfInterval(at + toIntervalMillisecond(milliseconds), INTERVAL 5 SECOND) + INTERVAL 6 SECOND, bitShiftLeft(toUInt64(1), 32)
FROM numbers({count:UInt64})
SETTINGS min_insert_block_size_rows = 1000000, max_insert_block_size = 1000000
