-- Grain: one row per priced call that bills one model, with `buckets`: the quantity of every billed bucket. Another emitter's
-- token counts are put into our buckets; a cache write without TTL is of the usual one.
-- Source: calls, of which it has the columns that its readers use: each of them is planned again in every query.
CREATE OR REPLACE VIEW llmcost_internal.metered_calls ${on_cluster} AS
WITH CAST(c.other_usage, 'Map(String, Decimal(18, 6))') AS metered
SELECT
    c.ts, c.record_id, c.environment, c.feature, c.provider, c.model, c.mode, c.price_geo, c.cost_usd,
    c.input_tokens, c.cache_read_tokens, c.cache_write_tokens, c.output_tokens, c.prefix_fingerprint, c.allocation,
    c.error_type, c.finish_reason, c.stream_outcome, c.batch_id, c.replies, c.duration_ms, c.ttft_ms,
    c.user_id, c.session_id, c.conversation_id, c.scope_id,
    ${is_claude(c.model)} AS claude,
    if(c.source = 'otel_llmcost' OR notEmpty(metered), metered, mapFilter((bucket, quantity) -> quantity > 0, map(
        'input', toDecimal64(c.uncached_input_tokens, 6),
        'cache_read', toDecimal64(c.cache_read_tokens, 6),
        ${short_write(claude)},
            toDecimal64(c.cache_write_tokens - least(c.cache_write_long_tokens, c.cache_write_tokens), 6),
        ${long_write(claude)}, toDecimal64(c.cache_write_long_tokens, 6),
        'output', toDecimal64(c.output_tokens, 6)))) AS buckets
FROM llmcost.calls AS c
WHERE c.cost_usd IS NOT NULL AND c.usage_items = ''
