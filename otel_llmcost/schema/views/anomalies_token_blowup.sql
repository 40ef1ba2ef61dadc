-- Grain: one row per call, or per hour of a feature and model, of the last 14 days that used at least three
-- times the tokens the same feature and model normally use. A call inside such an hour is not told again.
-- The norm is the median over the 7 days before its hour: in the same environment, else (too few samples) in
-- all of them; a call in its feature's first hours is held against the median of its own hour.
-- Source: calls. excess_usd is the part of cost_usd beyond the expected tokens; NULL when nothing is priced.
CREATE OR REPLACE VIEW llmcost.anomalies_token_blowup ${on_cluster} AS
WITH
    used AS
    (
        SELECT
            toStartOfHour(c.ts) AS hour, c.ts AS ts, c.environment AS environment, c.feature AS feature, c.model AS model,
            c.input_tokens + c.output_tokens AS tokens, c.cost_usd AS cost_usd, c.record_id AS record_id, c.trace_id AS trace_id
        FROM llmcost.calls AS c
        WHERE c.ts >= toStartOfHour(now()) - INTERVAL 21 DAY AND tokens > 0
    ),
    hours AS
    (
        SELECT
            u.hour AS hour, u.environment AS environment, u.feature AS feature, u.model AS model,
            count() AS calls,
            avg(u.tokens) AS mean,
            toFloat64(medianExact(u.tokens)) AS middle,
            max(u.tokens) AS most,
            sum(u.cost_usd) AS cost_usd,
            argMax((u.record_id, u.trace_id), (u.tokens, u.record_id)) AS worst
        FROM used AS u
        GROUP BY hour, environment, feature, model
    ),
    histories AS
    (
        SELECT h.feature AS feature, h.model AS model,
            min(h.mean) AS least_mean, min(h.middle) AS least_middle,
            groupArray((h.hour, h.environment, h.calls, h.mean, h.middle)) AS past
        FROM hours AS h
        GROUP BY feature, model
        -- No median is below the least: without such an hour nothing here can be three times its norm.
        HAVING max(h.most) >= 3 * least_middle
    ),
    suspects AS
    (
        SELECT
            h.hour AS hour, h.environment AS environment, h.feature AS feature, h.model AS model, h.calls AS calls,
            h.mean AS mean, h.cost_usd AS cost_usd, h.worst AS worst,
            arrayFilter(p -> p.1 < h.hour AND p.1 >= h.hour - 604800, histories.past) AS everywhere,
            arrayFilter(p -> p.2 = h.environment, everywhere) AS own,
            -- Samples are hours for an hour and calls for a call.
            multiIf(length(own) >= 6, own.4, length(everywhere) >= 6, everywhere.4, []) AS hour_samples,
            multiIf(
                arraySum(own.3) >= 20, own.5,
                arraySum(everywhere.3) >= 20, everywhere.5,
                h.calls >= 20, [h.middle],
                []) AS call_samples,
            if(empty(hour_samples), NULL, arrayReduce('median', hour_samples)) AS hour_norm,
            if(empty(call_samples), NULL, arrayReduce('median', call_samples)) AS call_norm,
            ifNull(h.calls >= 10 AND h.mean >= 3 * hour_norm, false) AS blown
        FROM hours AS h
        INNER JOIN histories ON h.feature = histories.feature AND h.model = histories.model
        WHERE h.hour >= toStartOfHour(now()) - INTERVAL 14 DAY
            AND (h.most >= 3 * histories.least_middle OR (h.calls >= 10 AND h.mean >= 3 * histories.least_mean))
    ),
    found AS
    (
        SELECT
            toDateTime64(hour, 3, 'UTC') AS detected_at, 'hour' AS kind, environment, feature, model, calls,
            mean AS tokens_per_call, assumeNotNull(hour_norm) AS expected_tokens_per_call,
            cost_usd, worst.1 AS worst_record_id, worst.2 AS worst_trace_id
        FROM suspects
        WHERE blown
        UNION ALL
        SELECT
            u.ts AS detected_at, 'call' AS kind, u.environment AS environment, u.feature AS feature, u.model AS model, 1 AS calls,
            toFloat64(u.tokens) AS tokens_per_call, assumeNotNull(s.call_norm) AS expected_tokens_per_call,
            u.cost_usd AS cost_usd, u.record_id AS worst_record_id, u.trace_id AS worst_trace_id
        FROM used AS u
        INNER JOIN suspects AS s
            ON u.hour = s.hour AND u.environment = s.environment AND u.feature = s.feature AND u.model = s.model
        WHERE NOT s.blown AND s.call_norm IS NOT NULL AND u.tokens >= 3 * s.call_norm
    )
SELECT
    detected_at, kind, environment, feature, model, calls, tokens_per_call, expected_tokens_per_call,
    tokens_per_call / expected_tokens_per_call AS ratio,
    cost_usd,
    toDecimal128(toFloat64(cost_usd) * (1 - expected_tokens_per_call / tokens_per_call), 12) AS excess_usd,
    worst_record_id, worst_trace_id
FROM found
