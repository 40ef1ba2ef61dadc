-- The most expensive calls of a window: one row per call. Source: top_calls.
SELECT
    ts, feature, model, user_id, input_tokens, cache_read_tokens, output_tokens,
    cost_usd, duration_ms, environment, call_site, trace_id, record_id
FROM llmcost.top_calls
WHERE ts >= {since:DateTime64(3, 'UTC')}
    AND ts < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({service:String} = '' OR service = {service:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
ORDER BY cost_usd DESC NULLS LAST, ts DESC
LIMIT {limit:UInt32}
