-- What the last hours before a moment were like beside what is normal, into feature_windows: the eight days before
-- those hours of the same model in the same environment, else (fewer than 6 hours or 20 calls) in all environments, else
-- of the whole feature, at the price of the model.
-- An excess is reported when a day of it is {floor_usd}, a fiftieth of the feature's own day and {floor_of_bill} of the
-- bill's; what is stricter needs more.
INSERT INTO llmcost.feature_windows
WITH
    recent AS
    (
        SELECT
            h.environment AS environment, h.feature AS feature, h.model AS model, w,
            min(h.hour) AS started_at,
            sum(h.calls) AS calls, sum(h.used_calls) AS n,
            sum(h.log_input) / greatest(1, n) AS log_input, sum(h.log_output) / greatest(1, n) AS log_output,
            sum(h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens) AS input_tokens,
            sum(h.cache_read_tokens) AS cache_read_tokens,
            sum(h.output_tokens) AS output_tokens,
            CAST(sumMap(h.input_sizes) AS Map(UInt8, UInt32)) AS input_sizes,
            CAST(sumMap(h.output_sizes) AS Map(UInt8, UInt32)) AS output_sizes,
            sum(h.truncated_calls) AS truncated_calls,
            sum(h.errors) AS errors, sum(h.resends) AS resends,
            sum(h.fingerprinted_calls) AS fingerprinted_calls, sum(h.repeated_calls) AS repeated_calls,
            max(h.most_per_trace) AS most_per_trace, max(h.most_per_scope) AS most_per_scope, max(h.most_per_session) AS most_per_session,
            argMax(h.hour, h.most_per_trace) AS busiest_hour,
            argMax((h.worst_record_id, if(h.busiest_trace_id != '', h.busiest_trace_id, h.worst_trace_id)), h.most_per_trace) AS busiest,
            max(h.most_input_tokens) AS most_input_tokens, max(h.most_output_tokens) AS most_output_tokens,
            toFloat64(sum(h.cost_usd)) AS usd,
            toFloat64(sum(ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0))) AS input_usd,
            toFloat64(sum(h.cost_output_usd)) AS output_usd,
            toFloat64(sum(h.truncated_usd)) AS truncated_usd,
            toFloat64(max(h.max_call_cost_usd)) AS most_call_usd,
            argMax(h.hour, h.max_call_cost_usd) AS top_call_hour,
            groupUniqArrayArray(h.request_models) AS request_models,
            argMax(h.service_version, h.hour) AS service_version,
            argMax(h.prefix_fingerprint, h.hour) AS prefix_fingerprint,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst,
            groupArray((
                h.hour, h.calls, h.used_calls, h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens, h.cache_read_tokens,
                h.errors + h.resends, h.truncated_calls, h.fingerprinted_calls, h.repeated_calls, h.input_sizes, h.output_sizes)) AS hours
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE h.hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 6 HOUR AND h.ago < w
        GROUP BY environment, feature, model, w
    ),
    norms AS
    (
        SELECT * FROM llmcost.feature_norms FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')})
    ),
    days AS (SELECT environment, feature, day_usd AS usd FROM llmcost.feature_volumes FINAL WHERE as_of = toStartOfHour({now:DateTime('UTC')}))
SELECT
    {now:DateTime('UTC')} AS looked_at,
    r.*,
    b.place AS base_place, b.model AS base_model,
    if(b.model = '*',
        ifNull((r.input_usd + r.output_usd) / nullIf(
            r.input_tokens * b.input_usd / greatest(1, b.input_tokens) + r.output_tokens * b.output_usd / greatest(1, b.output_tokens), 0), 1),
        1) AS price_ratio,
    b.age AS base_age, b.hours AS base_hours, b.used_calls AS base_calls,
    b.log_input AS base_log_input, b.log_output AS base_log_output,
    b.input_tokens AS base_input_tokens, b.output_tokens AS base_output_tokens, b.read_share AS base_read_share,
    b.truncated_share AS base_truncated_share, b.trouble_share AS base_trouble_share,
    b.fingerprinted_hours AS base_fingerprinted_hours, b.fingerprinted_calls AS base_fingerprinted_calls, b.repeated_share AS base_repeated_share,
    b.most_input_tokens AS base_most_input_tokens, b.most_output_tokens AS base_most_output_tokens,
    b.usd * price_ratio AS base_usd, b.input_usd * price_ratio AS base_input_usd, b.output_usd * price_ratio AS base_output_usd,
    b.most_call_usd * price_ratio AS base_most_call_usd,
    b.service_version AS base_service_version, b.prefix_fingerprint AS base_prefix_fingerprint,
    needed_call_usd * greatest(1, r.w - 1 + toMinute({now:DateTime('UTC')}) / 60) / 24 AS needed_usd,
    {strictness:Float64} * greatest(
        {floor_usd:Float64}, ifNull(d.usd, 0) / 50, {floor_of_bill:Float64} * ifNull((SELECT sum(usd) FROM days), 0)) AS needed_call_usd,
    now64(3) AS computed_at
FROM recent AS r
LEFT JOIN
(
    SELECT s.environment AS environment, s.model AS of_model, b.*
    FROM (SELECT DISTINCT environment, feature, model FROM recent) AS s
    INNER JOIN norms AS b ON s.feature = b.feature
    WHERE b.hours >= 6 AND b.used_calls >= 20 AND b.place IN (s.environment, '*') AND b.model IN (s.model, '*')
    ORDER BY b.model = '*', b.place = '*'
    LIMIT 1 BY environment, feature, of_model
) AS b ON r.environment = b.environment AND r.feature = b.feature AND r.model = b.of_model
LEFT JOIN days AS d ON r.environment = d.environment AND r.feature = d.feature
