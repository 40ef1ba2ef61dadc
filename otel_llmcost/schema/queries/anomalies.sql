-- Token blow-ups of a window, newest first: one row per call or hour that used a multiple of its own norm.
-- Source: anomalies_token_blowup.
SELECT
    detected_at, kind, environment, feature, model, calls, tokens_per_call, expected_tokens_per_call,
    ratio, cost_usd, excess_usd, worst_record_id, worst_trace_id
FROM llmcost.anomalies_token_blowup
WHERE detected_at >= {since:DateTime64(3, 'UTC')}
    AND detected_at < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
ORDER BY detected_at DESC, excess_usd DESC NULLS LAST
LIMIT {limit:UInt32}
