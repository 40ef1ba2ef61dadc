-- Grain: one call of {day}, or its second copy. What an hour's calls are like is in llmcost.bench_plan, their lengths are drawn
-- between quantiles joined by straight lines. Every draw is a hash: the same call is the same in every run, and with
-- trouble in it, what is not troubled stays.
INSERT INTO llmcost.llm_calls
(ts, record_id, trace_id, scope_id, session_id, user_id, environment, service, service_version, feature, provider,
 request_model, model, mode, operation, source, replies, version, duration_ms, error_type, finish_reason, resend_count,
 request_fingerprint, prefix_fingerprint, input_tokens, uncached_input_tokens, cache_read_tokens, output_tokens,
 reasoning_tokens, cost_status, cost_input_usd, cost_cache_read_usd, cost_output_usd, cost_usd, ingested_at)
WITH
    [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.] AS levels,
    (draw, lengths) -> greatest(1., arrayMap(
        i -> lengths[i - 1] + (draw - levels[i - 1]) / (levels[i] - levels[i - 1]) * (lengths[i] - lengths[i - 1]),
        [arrayFirstIndex(level -> level > draw, levels)])[1]) AS drawn,
    (what, number) -> cityHash64(c.background, c.part, c.hour, what, number) / 18446744073709551616. AS chance,
    chance('failed', n) < c.failed AS is_failed,
    if(c.together, 0, n) AS one,
    if(c.together, (1 + c.growth * n) * (0.8 + 0.4 * chance('own', n)), 1) AS grown,
    -- No provider takes more than a million tokens.
    toUInt64(least(1e6, drawn(chance('input', one), c.input_lengths) * grown * c.input)) AS input_made,
    toUInt64(drawn(chance('output', n), c.output_lengths) * c.output) AS reply,
    if(is_failed, 0, toUInt64(input_made * c.cached)) AS read,
    if(is_failed, 0, input_made - read) AS fresh,
    if(is_failed, 0, toUInt64(reply * c.thinking)) AS thought,
    if(is_failed, 0, reply + thought) AS output,
    lower(hex(sipHash128(c.feature, c.part, c.hour, n))) AS id,
    if(c.together, lower(hex(sipHash128(c.feature, c.part, c.hour))), id) AS trace,
    toDecimal64(fresh * c.price * c.rise * 3 / 1e6, 12) AS usd_fresh,
    toDecimal64(read * c.price * c.rise * 0.3 / 1e6, 12) AS usd_read,
    toDecimal64(output * c.price * c.rise * 15 / 1e6, 12) AS usd_output,
    toDateTime64(c.hour, 3, 'UTC') + toIntervalMillisecond(toUInt32(chance('at', n) * 3590000)) AS at
SELECT
    at, id, trace, substring(trace, 1, 16), if(c.together, substring(trace, 1, 16), ''),
    concat('user-', toString(cityHash64(c.background, c.hour, one) % 40)), 'prod', 'shop', c.version, c.feature, 'anthropic',
    c.model, concat(c.model, '-1'), 'standard', 'chat', 'otel_llmcost', 1, 1, 900,
    if(is_failed, 'RateLimitError', ''), multiIf(is_failed, '', chance('truncated', n) < c.truncated, 'max_tokens', 'stop'),
    if(chance('resent', n) < c.resent, 2, 0), if(chance('repeated', n) < c.repeated, 'again', substring(id, 17)), 'p',
    read + fresh, fresh, read, output, thought,
    if(is_failed, 'not_billed', 'priced'), usd_fresh, usd_read, usd_output, usd_fresh + usd_read + usd_output, at
FROM
(
    SELECT p.*, l.input AS input_lengths, l.output AS output_lengths, n, copy
    FROM llmcost.bench_plan AS p
    INNER JOIN llmcost.bench_lengths AS l ON p.client = l.client AND p.window = l.window
    ARRAY JOIN range(p.calls) AS n
    ARRAY JOIN range(1 + p.twice) AS copy
    WHERE toDate(p.hour) = {day:Date}
) AS c
