-- What is normal as of the hour of a moment, into feature_norms.
INSERT INTO llmcost.feature_norms
SELECT
    toStartOfHour({now:DateTime('UTC')}) AS as_of,
    place, feature, model,
    countIf(h.used_calls > 0) AS hours, sum(h.calls) AS calls, sum(h.used_calls) AS n,
    sum(h.log_input) / greatest(1, n) AS input_mean,
    quantileExactWeighted(0.5)(h.log_input_mid, h.used_calls) AS input_mid,
    -- Variance between hours is what is left of it when that within hours is taken out.
    greatest(0, (sum(h.log_input_sq) - sum(h.log_input * h.log_input / greatest(1, h.used_calls))) / greatest(1, n - hours)) AS input_within,
    greatest(0, (sum(h.log_input * h.log_input / greatest(1, h.used_calls)) - n * pow(input_mean, 2) - (hours - 1) * input_within) / greatest(1, n - sum(h.used_calls * h.used_calls) / greatest(1, n))) AS input_between,
    quantileExactWeighted(0.98)(h.log_input / greatest(1, h.used_calls), h.used_calls) AS input_most,
    sum(h.log_output) / greatest(1, n) AS output_mean,
    quantileExactWeighted(0.5)(h.log_output_mid, h.used_calls) AS output_mid,
    greatest(0, (sum(h.log_output_sq) - sum(h.log_output * h.log_output / greatest(1, h.used_calls))) / greatest(1, n - hours)) AS output_within,
    greatest(0, (sum(h.log_output * h.log_output / greatest(1, h.used_calls)) - n * pow(output_mean, 2) - (hours - 1) * output_within) / greatest(1, n - sum(h.used_calls * h.used_calls) / greatest(1, n))) AS output_between,
    quantileExactWeighted(0.98)(h.log_output / greatest(1, h.used_calls), h.used_calls) AS output_most,
    sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) / greatest(1, n) AS input_tokens,
    sum(h.output_tokens) / greatest(1, n) AS output_tokens,
    sum(h.cache_read_tokens) / greatest(1, n * input_tokens) AS read_share,
    sum(h.truncated_calls) / greatest(1, n) AS truncated_share,
    sum(h.errors + h.resends) / sum(h.calls) AS trouble_share,
    countIf(h.fingerprinted_calls > 0) AS fingerprinted_hours,
    sum(h.fingerprinted_calls) AS fingerprinted,
    sum(h.repeated_calls) / greatest(1, fingerprinted) AS repeated_share,
    max(h.most_per_trace), max(h.most_per_scope), max(h.most_per_session),
    countIf(h.cost_calls > 0) AS cost_hours,
    sum(h.cost_calls) AS costing,
    sum(usd_hour) / greatest(1, n) AS usd, sum(usd_input) / greatest(1, n) AS input_usd, sum(usd_output) / greatest(1, n) AS output_usd,
    if(isNull(usd), NULL, medianExact(ifNull(usd_hour, 0))) AS hour_usd,
    toFloat64(max(ifNull(h.max_call_cost_usd, 0))) AS most_call_usd,
    sum(h.log_cost) / greatest(1, costing) AS log_call_usd,
    sqrt(greatest(0, sum(h.log_cost_sq) / greatest(1, costing) - log_call_usd * log_call_usd)) AS log_call_usd_spread,
    arraySlice(groupUniqArrayArray(h.request_models), 1, 20) AS request_models,
    argMax(h.service_version, h.hour) AS service_version,
    argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint,
    now64(3) AS computed_at
FROM
(
    SELECT
        *,
        toFloat64(w.cost_usd) AS usd_hour,
        if(isNull(w.cost_usd), NULL,
            toFloat64(ifNull(w.cost_input_usd, 0) + ifNull(w.cost_cache_read_usd, 0) + ifNull(w.cost_cache_write_usd, 0))) AS usd_input,
        if(isNull(w.cost_usd), NULL, toFloat64(ifNull(w.cost_output_usd, 0))) AS usd_output
    FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS w
    WHERE w.has_usual_size
) AS h
ARRAY JOIN [environment, '*'] AS place
GROUP BY place, feature, model
