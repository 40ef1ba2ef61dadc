-- What is normal as of the hour of a moment, into feature_norms.
INSERT INTO llmcost.feature_norms
SELECT
    toStartOfHour({now:DateTime('UTC')}) AS as_of,
    one.1 AS place, feature, one.2 AS model,
    any(one.3) AS age,
    uniqExactIf(h.hour, h.used_calls > 0) AS hours, sum(h.calls) AS calls, sum(h.used_calls) AS n,
    sum(h.log_input) / greatest(1, n) AS log_input,
    sum(h.log_output) / greatest(1, n) AS log_output,
    sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) / greatest(1, n) AS input_tokens,
    sum(h.output_tokens) / greatest(1, n) AS output_tokens,
    sum(h.cache_read_tokens) / greatest(1, n * input_tokens) AS read_share,
    sum(h.truncated_calls) / greatest(1, n) AS truncated_share,
    sum(h.errors + h.resends) / sum(h.calls) AS trouble_share,
    uniqExactIf(h.hour, h.fingerprinted_calls > 0) AS fingerprinted_hours,
    sum(h.fingerprinted_calls) AS fingerprinted,
    sum(h.repeated_calls) / greatest(1, fingerprinted) AS repeated_share,
    max(h.most_per_trace), max(h.most_per_scope), max(h.most_per_session),
    max(h.most_input_tokens), max(h.most_output_tokens),
    uniqExactIf(h.hour, h.cost_calls > 0) AS cost_hours,
    sum(h.cost_calls) AS costing,
    sum(usd_hour) / greatest(1, n) AS usd, sum(usd_input) / greatest(1, n) AS input_usd, sum(usd_output) / greatest(1, n) AS output_usd,
    toFloat64(max(ifNull(h.max_call_cost_usd, 0))) AS most_call_usd,
    arraySlice(groupUniqArrayArray(h.request_models), 1, 20) AS request_models,
    argMax(h.service_version, h.hour) AS service_version,
    argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint,
    now64(3) AS computed_at
FROM
(
    SELECT
        *,
        max(w.ago) OVER (PARTITION BY w.environment, w.feature) AS age_here,
        max(w.ago) OVER (PARTITION BY w.feature) AS age_anywhere,
        toFloat64(w.cost_usd) AS usd_hour,
        if(isNull(w.cost_usd), NULL,
            toFloat64(ifNull(w.cost_input_usd, 0) + ifNull(w.cost_cache_read_usd, 0) + ifNull(w.cost_cache_write_usd, 0))) AS usd_input,
        if(isNull(w.cost_usd), NULL, toFloat64(ifNull(w.cost_output_usd, 0))) AS usd_output
    FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS w
) AS h
ARRAY JOIN [(h.environment, h.model, age_here), (h.environment, '*', age_here), ('*', h.model, age_anywhere), ('*', '*', age_anywhere)] AS one
WHERE h.has_usual_size
GROUP BY place, feature, model
