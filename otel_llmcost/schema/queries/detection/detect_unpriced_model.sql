-- Calls of unknown cost on a model that had none: a new model, or a price that is not in the book. What they cost is
-- unknown, so no dollar floor holds it back.
SELECT
    environment, feature, model,
    minIf(h.hour, h.ago < 6) AS started_at, sumIf(h.calls, h.ago < 6) AS calls,
    toFloat64(0) AS expected, sumIf(h.unpriced_calls, h.ago < 6) / calls AS actual, 'share of calls of unknown cost' AS unit,
    CAST(NULL AS Nullable(Float64)) AS excess,
    'add its price: LLMCOST_PRICES, or otel-llmcost reprice with a newer version' AS why,
    maxIf(h.hour, h.unpriced_calls > 0) AS last_hour,
    argMaxIf(h.worst_record_id, h.hour, h.ago < 6) AS worst_record_id,
    argMaxIf(h.worst_trace_id, h.hour, h.ago < 6) AS worst_trace_id
FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
WHERE model != ''
GROUP BY environment, feature, model
HAVING sumIf(h.unpriced_calls, h.ago < 6) >= 3 AND actual >= 0.5 AND sumIf(h.unpriced_calls - h.errors, h.ago < 6) > 0
    AND sumIf(h.unpriced_calls, h.ago >= 6) = 0
