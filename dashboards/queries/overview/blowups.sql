-- One row per call or hour that used a multiple of its own norm: the twenty newest.
SELECT
    detected_at, kind, feature, model, ratio, tokens_per_call, expected_tokens_per_call,
    calls, excess_usd, worst_trace_id
FROM llmcost.anomalies_token_blowup
WHERE $__timeFilter(detected_at)
    AND $__conditionalAll(environment IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(feature IN (${feature:singlequote}), $feature)
ORDER BY detected_at DESC, excess_usd DESC NULLS LAST
LIMIT 20
