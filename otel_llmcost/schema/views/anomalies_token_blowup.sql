-- Grain: one row per call, or per hour of a feature and model, of the last 14 days that used at least three
-- times the tokens the same feature and model normally use. A call inside such an hour is not told again.
-- The norm is the median over the 7 days before: in the same environment, else (too few samples) in all of
-- them, else over the 24 hours before; a call of a new feature is held against the median of its own hour.
-- Source: calls. excess_usd is the part of cost_usd beyond the expected tokens; NULL when nothing is priced.
CREATE OR REPLACE VIEW llmcost.anomalies_token_blowup ${on_cluster} AS
WITH
    used AS MATERIALIZED
    (
        SELECT
            toStartOfHour(c.ts) AS hour, c.ts AS ts, c.environment AS environment, c.feature AS feature, c.model AS model,
            c.input_tokens + c.output_tokens AS tokens, c.cost_usd AS cost_usd, c.record_id AS record_id, c.trace_id AS trace_id
        FROM llmcost.calls AS c
        WHERE c.ts >= toStartOfHour(now()) - INTERVAL 21 DAY AND tokens > 0
    ),
    hours AS MATERIALIZED
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
    -- What each day is held against: every hour counts for the 7 days that follow its own.
    own AS
    (
        SELECT h.environment AS environment, h.feature AS feature, h.model AS model, toDate(h.hour) + ahead AS day,
            count() AS hours, sum(h.calls) AS calls, medianExact(h.mean) AS mean, medianExact(h.middle) AS middle
        FROM hours AS h ARRAY JOIN range(1, 8) AS ahead
        GROUP BY environment, feature, model, day
    ),
    everywhere AS
    (
        SELECT h.feature AS feature, h.model AS model, toDate(h.hour) + ahead AS day,
            count() AS hours, sum(h.calls) AS calls, medianExact(h.mean) AS mean, medianExact(h.middle) AS middle
        FROM hours AS h ARRAY JOIN range(1, 8) AS ahead
        GROUP BY feature, model, day
    ),
    normed AS MATERIALIZED
    (
        SELECT
            h.hour AS hour, h.environment AS environment, h.feature AS feature, h.model AS model, h.calls AS calls,
            h.mean AS mean, h.middle AS middle, h.most AS most, h.cost_usd AS cost_usd, h.worst AS worst,
            multiIf(own.hours >= 6, own.mean, everywhere.hours >= 6, everywhere.mean, NULL) AS days_mean,
            multiIf(own.calls >= 20, own.middle, everywhere.calls >= 20, everywhere.middle, NULL) AS days_middle
        FROM hours AS h
        LEFT JOIN own ON h.environment = own.environment AND h.feature = own.feature AND h.model = own.model AND toDate(h.hour) = own.day
        LEFT JOIN everywhere ON h.feature = everywhere.feature AND h.model = everywhere.model AND toDate(h.hour) = everywhere.day
        WHERE h.hour >= toStartOfHour(now()) - INTERVAL 15 DAY
    ),
    -- New features have no such days: the 24 hours before the hour stand in.
    settled AS
    (
        SELECT *, days_mean AS hour_norm, days_middle AS call_norm
        FROM normed
        WHERE days_mean IS NOT NULL AND days_middle IS NOT NULL
        UNION ALL
        SELECT *,
            multiIf(days_mean IS NOT NULL, days_mean, count() OVER day >= 6, arrayReduce('medianExact', groupArray(mean) OVER day), NULL) AS hour_norm,
            multiIf(
                days_middle IS NOT NULL, days_middle,
                sum(calls) OVER day >= 20, arrayReduce('medianExact', groupArray(middle) OVER day),
                calls >= 20, middle,
                NULL) AS call_norm
        FROM normed
        WHERE days_mean IS NULL OR days_middle IS NULL
        WINDOW day AS (PARTITION BY feature, model ORDER BY hour RANGE BETWEEN 86400 PRECEDING AND 3600 PRECEDING)
    ),
    suspects AS MATERIALIZED
    (
        SELECT *, ifNull(calls >= 10 AND mean >= 3 * hour_norm, false) AS blown
        FROM settled
        WHERE hour >= toStartOfHour(now()) - INTERVAL 14 DAY
            AND (blown OR ifNull(most >= 3 * call_norm, false))
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
-- Each step is computed once, however often it is read.
SETTINGS enable_materialized_cte = 1
