-- The most expensive calls of a feature in an environment while an incident went on. Source: calls.
SELECT ts, record_id, trace_id, feature, model, service_version, user_id, input_tokens, output_tokens, cost_usd
FROM llmcost.calls
WHERE ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}
    AND environment = {environment:String} AND feature = {feature:String}
ORDER BY cost_usd DESC NULLS LAST, ts, record_id
LIMIT {limit:UInt32}
