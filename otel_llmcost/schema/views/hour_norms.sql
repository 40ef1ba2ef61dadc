-- Grain: one row per environment, feature, model and window (the last 1, 2, 3 or 6 hours) before a moment, with
-- calls in it, beside what is normal: the seven days before those six hours, in the same environment, else (fewer
-- than 6 hours or 20 calls) in all of them. No row without such a past: nothing can be called unusual then.
-- Source: watched_hours; hour_norms(now = ...). Logarithms of tokens are compared: `_z` is the distance of their
-- mean from the normal one in standard errors, whose variance is that between hours plus that within, over n.
CREATE OR REPLACE VIEW llmcost.hour_norms ${on_cluster} AS
WITH
    recent AS
    (
        SELECT
            environment, feature, model, w,
            min(h.hour) AS started_at,
            sum(h.calls) AS calls, sum(h.used_calls) AS n,
            sum(h.log_input) / n AS input_mean, quantileExactWeighted(0.5)(h.log_input_mid, h.used_calls) AS input_mid,
            sum(h.log_output) / n AS output_mean, quantileExactWeighted(0.5)(h.log_output_mid, h.used_calls) AS output_mid,
            sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) AS input_tokens,
            sum(h.cache_read_tokens) AS cache_read_tokens,
            sum(h.output_tokens) AS output_tokens,
            sum(h.truncated_calls) AS truncated_calls,
            sum(h.errors) AS errors, sum(h.resends) AS resends,
            toFloat64(sum(h.cost_usd)) AS usd,
            toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))) AS input_usd,
            toFloat64(sum(h.cost_output_usd)) AS output_usd,
            toFloat64(sum(h.truncated_usd)) AS truncated_usd,
            toFloat64(sum(h.retried_usd)) AS retried_usd,
            argMax(h.service_version, h.hour) AS service_version,
            argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE ago < w
        GROUP BY environment, feature, model, w
        HAVING n > 0
    ),
    -- '*' is every environment together.
    base AS
    (
        SELECT
            place, feature, model,
            count() AS hours, sum(h.used_calls) AS n,
            sum(h.log_input) / n AS input_mean, quantileExactWeighted(0.5)(h.log_input_mid, h.used_calls) AS input_mid,
            sum(h.log_output) / n AS output_mean, quantileExactWeighted(0.5)(h.log_output_mid, h.used_calls) AS output_mid,
            n - sum(h.used_calls * h.used_calls) / n AS spread,
            greatest(0, (sum(h.log_input_sq) - sum(h.log_input * h.log_input / h.used_calls)) / greatest(1, n - hours)) AS input_within,
            greatest(0, (sum(h.log_input * h.log_input / h.used_calls) - n * pow(input_mean, 2) - (hours - 1) * input_within) / greatest(1, spread)) AS input_between,
            greatest(0, (sum(h.log_output_sq) - sum(h.log_output * h.log_output / h.used_calls)) / greatest(1, n - hours)) AS output_within,
            greatest(0, (sum(h.log_output * h.log_output / h.used_calls) - n * pow(output_mean, 2) - (hours - 1) * output_within) / greatest(1, spread)) AS output_between,
            sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) / n AS input_tokens,
            sum(h.cache_read_tokens) / greatest(1, n * input_tokens) AS read_share,
            sum(h.output_tokens) / n AS output_tokens,
            sum(h.truncated_calls) / n AS truncated_share,
            sum(h.errors + h.resends) / sum(h.calls) AS trouble_share,
            toFloat64(sum(h.cost_usd)) / n AS usd,
            toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))) / n AS input_usd,
            toFloat64(sum(h.cost_output_usd)) / n AS output_usd,
            medianExact(toFloat64(ifNull(h.cost_usd, 0))) AS hour_usd,
            argMax(h.service_version, h.hour) AS service_version,
            argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint
        FROM llmcost.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [environment, '*'] AS place
        WHERE is_normal AND used_calls > 0
        GROUP BY place, feature, model
        HAVING hours >= 6 AND n >= 20
    )
SELECT
    r.*,
    b.hours AS base_hours, b.n AS base_calls,
    exp(r.input_mean - b.input_mean) AS input_ratio,
    exp(r.input_mid - b.input_mid) AS input_mid_ratio,
    (r.input_mean - b.input_mean) / sqrt(b.input_between + b.input_within / r.n + 0.0025) AS input_z,
    exp(r.output_mean - b.output_mean) AS output_ratio,
    exp(r.output_mid - b.output_mid) AS output_mid_ratio,
    (r.output_mean - b.output_mean) / sqrt(b.output_between + b.output_within / r.n + 0.0025) AS output_z,
    b.input_tokens AS base_input_tokens, b.output_tokens AS base_output_tokens, b.read_share AS base_read_share,
    b.truncated_share AS base_truncated_share, b.trouble_share AS base_trouble_share,
    b.usd AS base_usd, b.input_usd AS base_input_usd, b.output_usd AS base_output_usd, b.hour_usd AS hour_usd,
    b.service_version AS base_service_version, b.prefix_fingerprint AS base_prefix_fingerprint
FROM recent AS r
INNER JOIN
(
    -- Its own environment's past wins where both are long enough.
    SELECT s.environment AS environment, b.*
    FROM (SELECT DISTINCT environment, feature, model FROM recent) AS s
    INNER JOIN base AS b ON s.feature = b.feature AND s.model = b.model
    WHERE b.place IN (s.environment, '*')
    ORDER BY b.place = '*'
    LIMIT 1 BY s.environment, s.feature, s.model
) AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.model
