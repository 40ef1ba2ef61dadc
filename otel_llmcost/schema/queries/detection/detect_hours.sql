-- Rebuilds the given hours of one day in feature_hours. Another emitter's span may arrive before the record of the same
-- reply: it counts once the refresh has had the time to find that out. Hours are looked at again for two minutes.
INSERT INTO llmcost.feature_hours
SELECT * EXCEPT (traces)
FROM
(
    SELECT
        toStartOfHour(c.ts) AS hour,
        c.environment AS environment,
        c.feature AS feature,
        c.model AS model,
        any(c.provider) AS provider,
        groupUniqArray(5)(c.request_model) AS request_models,
        argMax(c.service_version, c.ts) AS service_version,
        max(c.feature_source NOT IN ('call_site', 'none')) AS is_tagged,
        count() AS calls,
        countIf(c.input_tokens + c.output_tokens > 0) AS used_calls,
        countIf(c.error_type != '') AS errors,
        countIf(c.cost_usd IS NULL) AS unpriced_calls,
        countIf(${truncated(c.finish_reason)}) AS truncated_calls,
        countIf(c.resend_count > 0) AS retried_calls,
        sum(c.resend_count) AS resends,
        countIf(c.request_fingerprint != '') AS fingerprinted_calls,
        fingerprinted_calls - uniqExactIf(c.request_fingerprint, c.request_fingerprint != '') AS repeated_calls,
        arrayElement(topKIf(1)(c.prefix_fingerprint, c.prefix_fingerprint != ''), 1) AS prefix_fingerprint,
        sumMapIf(map(c.trace_id, toUInt64(1)), c.trace_id != '') AS traces,
        arrayMax(mapValues(traces)) AS most_per_trace,
        arrayMax(mapValues(sumMapIf(map(c.scope_id, toUInt64(1)), c.scope_id != ''))) AS most_per_scope,
        arrayMax(mapValues(sumMapIf(map(c.session_id, toUInt64(1)), c.session_id != ''))) AS most_per_session,
        sum(c.uncached_input_tokens) AS uncached_input_tokens,
        sum(c.cache_read_tokens) AS cache_read_tokens,
        sum(c.cache_write_tokens) AS cache_write_tokens,
        sum(c.output_tokens) AS output_tokens,
        sum(c.reasoning_tokens) AS reasoning_tokens,
        sumMapIf(map(toUInt8(4 * log2(1 + c.input_tokens)), toUInt32(1)), c.input_tokens + c.output_tokens > 0) AS input_sizes,
        sumMapIf(map(toUInt8(4 * log2(1 + c.output_tokens)), toUInt32(1)), c.input_tokens + c.output_tokens > 0) AS output_sizes,
        sumIf(log1p(c.input_tokens), c.input_tokens + c.output_tokens > 0) AS log_input,
        sumIf(log1p(c.output_tokens), c.input_tokens + c.output_tokens > 0) AS log_output,
        max(c.input_tokens) AS most_input_tokens,
        max(c.output_tokens) AS most_output_tokens,
        sumIf(log(toFloat64(c.cost_usd)), c.cost_usd > 0) AS log_cost,
        sumIf(pow(log(toFloat64(c.cost_usd)), 2), c.cost_usd > 0) AS log_cost_sq,
        countIf(c.cost_usd > 0) AS cost_calls,
        sum(c.cost_usd) AS cost_usd,
        sum(c.cost_input_usd) AS cost_input_usd,
        sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
        sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
        sum(c.cost_output_usd) AS cost_output_usd,
        sum(c.cost_tools_usd) AS cost_tools_usd,
        sumIf(c.cost_usd, c.resend_count > 0) AS retried_usd,
        sumIf(c.cost_usd, ${truncated(c.finish_reason)}) AS truncated_usd,
        max(c.cost_usd) AS max_call_cost_usd,
        arrayElement(mapKeys(traces), indexOf(mapValues(traces), most_per_trace)) AS busiest_trace_id,
        argMax(c.record_id, (ifNull(c.cost_usd, 0), c.input_tokens + c.output_tokens, c.record_id)) AS worst_record_id,
        argMax(c.trace_id, (ifNull(c.cost_usd, 0), c.input_tokens + c.output_tokens, c.record_id)) AS worst_trace_id,
        now64(3) AS rebuilt_at,
        1 AS has_sizes
    FROM llmcost.calls AS c
    WHERE toDate(c.ts) = {day:Date} AND toStartOfHour(c.ts) IN {hours:Array(DateTime('UTC'))}
        AND (c.source = 'otel_llmcost' OR c.ingested_at < now() - INTERVAL 20 SECOND)
    GROUP BY hour, environment, feature, model
)
