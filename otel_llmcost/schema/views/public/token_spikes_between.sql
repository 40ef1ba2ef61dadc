-- Grain: one row per hour of a feature and model in an environment, from {since:DateTime64(3)} to {until:DateTime64(3)} in
-- whole hours, whose calls used three times the tokens that feature and model normally use, or else the longest of whose calls did.
-- The norm is the median over the 7 days before: in the same environment, else (too few samples) in all of
-- them, else over the 24 hours before; a call of a new feature is held against the median of its own hour.
-- Source: token_hours. excess_usd is the part of cost_usd beyond the expected tokens; NULL when nothing is priced.
CREATE OR REPLACE VIEW llmcost.token_spikes_between ${on_cluster} AS
WITH
    -- A day's norm is computed from seven whole days before it.
    hours AS MATERIALIZED
    (
        SELECT *
        FROM llmcost_internal.token_hours(since = toDateTime(toDate({since:DateTime64(3)}) - 8, 'UTC'), until = {until:DateTime64(3)})
    ),
    -- What each day is held against: every hour counts for the 7 days that follow its own.
    own AS
    (
        SELECT h.environment AS environment, h.feature AS feature, h.model AS model, toDate(h.hour) + ahead AS day,
            count() AS hours, sum(h.calls) AS calls, medianExact(h.mean_tokens) AS mean, medianExact(h.median_tokens) AS middle
        FROM hours AS h ARRAY JOIN range(1, 8) AS ahead
        GROUP BY environment, feature, model, day
    ),
    everywhere AS
    (
        SELECT h.feature AS feature, h.model AS model, toDate(h.hour) + ahead AS day,
            count() AS hours, sum(h.calls) AS calls, medianExact(h.mean_tokens) AS mean, medianExact(h.median_tokens) AS middle
        FROM hours AS h ARRAY JOIN range(1, 8) AS ahead
        GROUP BY feature, model, day
    ),
    normed AS MATERIALIZED
    (
        SELECT
            h.hour AS hour, h.environment AS environment, h.feature AS feature, h.model AS model, h.calls AS calls,
            h.mean_tokens AS mean_tokens, h.median_tokens AS median_tokens, h.max_tokens AS max_tokens, h.cost_usd AS cost_usd,
            h.longest_ts AS longest_ts, h.longest_usd AS longest_usd,
            h.longest_record_id AS longest_record_id, h.longest_trace_id AS longest_trace_id,
            multiIf(own.hours >= 6, own.mean, everywhere.hours >= 6, everywhere.mean, NULL) AS days_mean,
            multiIf(own.calls >= 20, own.middle, everywhere.calls >= 20, everywhere.middle, NULL) AS days_middle
        FROM hours AS h
        LEFT JOIN own ON h.environment = own.environment AND h.feature = own.feature AND h.model = own.model AND h.day = own.day
        LEFT JOIN everywhere ON h.feature = everywhere.feature AND h.model = everywhere.model AND h.day = everywhere.day
        WHERE h.hour >= toStartOfHour({since:DateTime64(3)}) - INTERVAL 1 DAY
    ),
    -- New features have no such days: the 24 hours before the hour stand in.
    settled AS
    (
        SELECT *, days_mean AS hour_norm, days_middle AS call_norm
        FROM normed
        WHERE days_mean IS NOT NULL AND days_middle IS NOT NULL
        UNION ALL
        SELECT *,
            multiIf(days_mean IS NOT NULL, days_mean, count() OVER before >= 6, arrayReduce('medianExact', groupArray(mean_tokens) OVER before), NULL) AS hour_norm,
            multiIf(
                days_middle IS NOT NULL, days_middle,
                sum(calls) OVER before >= 20, arrayReduce('medianExact', groupArray(median_tokens) OVER before),
                calls >= 20, median_tokens,
                NULL) AS call_norm
        FROM normed
        WHERE days_mean IS NULL OR days_middle IS NULL
        WINDOW before AS (PARTITION BY feature, model ORDER BY toUInt32(hour) RANGE BETWEEN 86400 PRECEDING AND 3600 PRECEDING)
    ),
    found AS
    (
        SELECT *,
            ifNull(calls >= 10 AND mean_tokens >= 3 * hour_norm, false) AS blown,
            if(blown, mean_tokens, toFloat64(max_tokens)) AS used,
            assumeNotNull(if(blown, hour_norm, call_norm)) AS expected,
            if(blown, cost_usd, longest_usd) AS usd
        FROM settled
        WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND (blown OR ifNull(max_tokens >= 3 * call_norm, false))
    )
SELECT
    if(blown, toDateTime64(hour, 3, 'UTC'), longest_ts) AS detected_at,
    if(blown, 'hour', 'call') AS kind,
    environment, feature, model,
    if(blown, f.calls, 1) AS calls,
    used AS tokens_per_call,
    expected AS expected_tokens_per_call,
    used / expected AS ratio,
    toDecimal128(usd, 12) AS cost_usd,
    toDecimal128(toFloat64(usd) * (1 - expected / used), 12) AS excess_usd,
    longest_record_id AS worst_record_id,
    longest_trace_id AS worst_trace_id
FROM found AS f
-- Each step is computed once, however often it is read.
SETTINGS enable_materialized_cte = 1
