-- Calls of a range, a page at a time: one row per call. `sort_key` and record_id of a page's last row are `after` of the next.
-- Source: calls. Runs as it stands; reports/call_list.py puts its own expressions between the markers (`only`, `key`).
SELECT
    c.ts AS ts, c.record_id AS record_id, c.trace_id AS trace_id, c.environment AS environment, c.service AS service,
    c.service_version AS version, c.feature AS feature, c.team AS team, c.user_id AS user, c.session_id AS session,
    c.agent_name AS agent, c.provider AS provider, c.model AS model, c.operation AS operation, c.mode AS mode,
    c.input_tokens AS input_tokens, c.cache_read_tokens AS cache_read_tokens, c.cache_write_tokens AS cache_write_tokens,
    c.output_tokens AS output_tokens, c.reasoning_tokens AS reasoning_tokens, c.cost_usd AS cost_usd,
    c.cost_status AS status, c.cost_reason AS reason, c.error_type AS error, c.resend_count AS retries,
    c.duration_ms AS duration_ms, c.ttft_ms AS ttft_ms, c.call_site AS call_site, c.source AS source,
    toDecimal128(/* key */ toUnixTimestamp64Milli(c.ts) /* key */, 12) AS sort_key
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* only */ 1 /* only */
    AND ({search:String} = ''
        OR {search:String} IN (c.record_id, c.trace_id, c.span_id, c.response_id)
        OR positionCaseInsensitiveUTF8(
            concat(c.feature, '\n', c.model, '\n', c.user_id, '\n', c.session_id, '\n', c.call_site, '\n', c.error_type),
            {search:String}) > 0)
    AND ({after_id:String} = ''
        OR (toDecimal128(/* key */ toUnixTimestamp64Milli(c.ts) /* key */, 12), c.record_id)
            < ({after:Decimal(38, 12)}, {after_id:String}))
ORDER BY sort_key DESC, record_id DESC
LIMIT {limit:UInt32}
