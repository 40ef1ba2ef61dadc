-- What the last hours before a moment were like beside what is normal, into feature_windows: the seven days before
-- those hours, in the same environment, else (fewer than 6 hours or 20 calls) in all of them. Logarithms of tokens are
-- compared: `_z` is the distance of their mean from the normal one in standard errors, whose variance is that between
-- hours plus that within, over n.
INSERT INTO llmcost.feature_windows
WITH
    recent AS
    (
        SELECT
            h.environment AS environment, h.feature AS feature, h.model AS model, w,
            min(h.hour) AS started_at,
            sum(h.calls) AS calls, sum(h.used_calls) AS n,
            sum(h.log_input) / greatest(1, n) AS input_mean, quantileExactWeighted(0.5)(h.log_input_mid, h.used_calls) AS input_mid,
            sum(h.log_output) / greatest(1, n) AS output_mean, quantileExactWeighted(0.5)(h.log_output_mid, h.used_calls) AS output_mid,
            sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) AS input_tokens,
            sum(h.cache_read_tokens) AS cache_read_tokens,
            sum(h.output_tokens) AS output_tokens,
            sum(h.truncated_calls) AS truncated_calls,
            sum(h.errors) AS errors, sum(h.resends) AS resends,
            sum(h.fingerprinted_calls) AS fingerprinted_calls, sum(h.repeated_calls) AS repeated_calls,
            max(h.most_per_trace) AS most_per_trace, max(h.most_per_scope) AS most_per_scope, max(h.most_per_session) AS most_per_session,
            argMax(h.hour, h.most_per_trace) AS busiest_hour,
            argMax((h.worst_record_id, if(h.busiest_trace_id != '', h.busiest_trace_id, h.worst_trace_id)), h.most_per_trace) AS busiest,
            toFloat64(sum(h.cost_usd)) AS usd,
            toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))) AS input_usd,
            toFloat64(sum(h.cost_output_usd)) AS output_usd,
            toFloat64(sum(h.truncated_usd)) AS truncated_usd,
            toFloat64(max(h.max_call_cost_usd)) AS most_call_usd,
            argMax(h.hour, h.max_call_cost_usd) AS top_call_hour,
            groupUniqArrayArray(h.request_models) AS request_models,
            argMax(h.service_version, h.hour) AS service_version,
            argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE h.hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 6 HOUR AND h.ago < w
        GROUP BY environment, feature, model, w
    ),
    norms AS
    (
        SELECT * FROM llmcost.feature_norms FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')}) AND hours >= 6 AND used_calls >= 20
    )
SELECT
    {now:DateTime('UTC')} AS looked_at,
    r.*,
    b.hours AS base_hours, b.used_calls AS base_calls,
    exp(r.input_mean - b.log_input) AS input_ratio,
    exp(r.input_mid - b.log_input_mid) AS input_mid_ratio,
    exp(r.input_mean - b.log_input_most) AS input_most_ratio,
    (r.input_mean - b.log_input) / sqrt(b.log_input_between + b.log_input_within / r.n + 0.0025) AS input_z,
    exp(r.output_mean - b.log_output) AS output_ratio,
    exp(r.output_mid - b.log_output_mid) AS output_mid_ratio,
    exp(r.output_mean - b.log_output_most) AS output_most_ratio,
    (r.output_mean - b.log_output) / sqrt(b.log_output_between + b.log_output_within / r.n + 0.0025) AS output_z,
    sqrt(b.log_input_within / r.n) AS input_error, sqrt(b.log_output_within / r.n) AS output_error,
    b.input_tokens AS base_input_tokens, b.output_tokens AS base_output_tokens, b.read_share AS base_read_share,
    b.truncated_share AS base_truncated_share, b.trouble_share AS base_trouble_share,
    b.fingerprinted_hours AS base_fingerprinted_hours, b.fingerprinted_calls AS base_fingerprinted_calls, b.repeated_share AS base_repeated_share,
    b.most_per_trace AS base_most_per_trace, b.most_per_scope AS base_most_per_scope, b.most_per_session AS base_most_per_session,
    b.cost_hours AS base_cost_hours, b.cost_calls AS base_cost_calls,
    b.usd AS base_usd, b.input_usd AS base_input_usd, b.output_usd AS base_output_usd, b.hour_usd AS hour_usd,
    b.most_call_usd AS base_most_call_usd, b.log_call_usd AS base_log_call_usd, b.log_call_usd_spread AS base_log_call_usd_spread,
    b.service_version AS base_service_version, b.prefix_fingerprint AS base_prefix_fingerprint,
    now64(3) AS computed_at
FROM recent AS r
LEFT JOIN
(
    -- Its own environment's past wins where both are long enough.
    SELECT s.environment AS environment, b.*
    FROM (SELECT DISTINCT environment, feature, model FROM recent) AS s
    INNER JOIN norms AS b ON s.feature = b.feature AND s.model = b.model
    WHERE b.place IN (s.environment, '*')
    ORDER BY b.place = '*'
    LIMIT 1 BY s.environment, s.feature, s.model
) AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
