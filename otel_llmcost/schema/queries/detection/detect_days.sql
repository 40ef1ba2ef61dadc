-- What features used in each day before the hour of a moment, into feature_days.
INSERT INTO llmcost.feature_days
SELECT
    toStartOfHour({now:DateTime('UTC')}) AS as_of,
    environment, feature, model,
    intDiv(dateDiff('hour', h.hour, as_of), 24) AS day,
    min(h.hour), max(h.hour),
    max(h.is_tagged),
    sum(h.calls), sum(h.used_calls),
    sum(h.log_input), sum(h.log_output),
    sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens),
    sum(h.cache_read_tokens),
    sum(h.output_tokens),
    toFloat64(sum(h.cost_usd)),
    toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))),
    toFloat64(sum(ifNull(h.cost_output_usd, 0))),
    argMax(h.service_version, h.hour),
    argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)),
    now64(3)
FROM llmcost.feature_hours AS h FINAL
WHERE h.hour > as_of - INTERVAL 35 DAY AND h.hour <= as_of
    AND (h.hour, h.rebuilt_at) IN
    (
        SELECT hour, max(rebuilt_at)
        FROM llmcost.feature_hours
        WHERE hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 35 DAY
        GROUP BY hour
    )
GROUP BY environment, feature, model, day
