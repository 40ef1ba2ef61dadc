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
            medianExact(u.tokens) AS middle,
            sum(u.cost_usd) AS cost_usd,
            argMax((u.record_id, u.trace_id), (u.tokens, u.record_id)) AS worst
        FROM used AS u
        GROUP BY hour, environment, feature, model
    ),
    normed AS
    (
        SELECT
            *,
            -- Samples are hours for an hour and calls for a call.
            multiIf(
                count() OVER own >= 6, arrayReduce('median', groupArray(mean) OVER own),
                count() OVER everywhere >= 6, arrayReduce('median', groupArray(mean) OVER everywhere),
                NULL) AS hour_norm,
            multiIf(
                sum(calls) OVER own >= 20, arrayReduce('median', groupArray(middle) OVER own),
                sum(calls) OVER everywhere >= 20, arrayReduce('median', groupArray(middle) OVER everywhere),
                calls >= 20, toFloat64(middle),
                NULL) AS call_norm,
            ifNull(calls >= 10 AND mean >= 3 * hour_norm, false) AS blown
        FROM hours
        WINDOW
            own AS (PARTITION BY environment, feature, model ORDER BY hour RANGE BETWEEN 604800 PRECEDING AND 3600 PRECEDING),
            everywhere AS (PARTITION BY feature, model ORDER BY hour RANGE BETWEEN 604800 PRECEDING AND 3600 PRECEDING)
    ),
    found AS
    (
        SELECT
            toDateTime64(hour, 3, 'UTC') AS detected_at, 'hour' AS kind, environment, feature, model, calls,
            mean AS tokens_per_call, assumeNotNull(hour_norm) AS expected_tokens_per_call,
            cost_usd, worst.1 AS worst_record_id, worst.2 AS worst_trace_id
        FROM normed
        WHERE blown
        UNION ALL
        SELECT
            u.ts AS detected_at, 'call' AS kind, u.environment AS environment, u.feature AS feature, u.model AS model, 1 AS calls,
            toFloat64(u.tokens) AS tokens_per_call, assumeNotNull(n.call_norm) AS expected_tokens_per_call,
            u.cost_usd AS cost_usd, u.record_id AS worst_record_id, u.trace_id AS worst_trace_id
        FROM used AS u
        INNER JOIN normed AS n
            ON u.hour = n.hour AND u.environment = n.environment AND u.feature = n.feature AND u.model = n.model
        WHERE NOT n.blown AND n.call_norm IS NOT NULL AND u.tokens >= 3 * n.call_norm
    )
SELECT
    detected_at, kind, environment, feature, model, calls, tokens_per_call, expected_tokens_per_call,
    tokens_per_call / expected_tokens_per_call AS ratio,
    cost_usd,
    toDecimal128(toFloat64(cost_usd) * (1 - expected_tokens_per_call / tokens_per_call), 12) AS excess_usd,
    worst_record_id, worst_trace_id
FROM found
WHERE detected_at >= toStartOfHour(now()) - INTERVAL 14 DAY
