-- Grain: one row per day, unit, environment, service, feature and team, and one per day, unit and environment (`whole` = 1)
-- of the calls that started in [{since:DateTime64(3)}, {until:DateTime64(3)}), computed from the records themselves.
-- Units: `run` (a scope, one run of a feature), `session`, `user`, `customer` (the allocation key of that name), `trace`.
-- A unit of several days counts on each of them, with that day's part.
-- Source: calls. Read unit_figures instead.
CREATE OR REPLACE VIEW llmcost.unit_days ${on_cluster} AS
SELECT
    day, unit, whole, environment, service, feature, team,
    count() AS units,
    countIf(usd IS NULL) AS unknown_units,
    sum(unit_calls) AS calls,
    sum(usd) AS cost_usd,
    max(usd) AS max_usd,
    quantilesDDStateIf(0.005, 0.5, 0.95)(toFloat64(assumeNotNull(usd)), usd IS NOT NULL) AS cost_sketch,
    -- The first of each pair sorts; unknown costs come last.
    arrayMap(u -> u.2, groupArraySortedIf(20)((-ifNull(usd, -1), told), unit IN ('session', 'trace'))) AS dearest,
    arrayMap(u -> u.2, groupArraySortedIf(20)((-toInt64(unit_calls), told), unit = 'trace')) AS busiest
FROM
(
    -- Grouped by hashes: strings would take most of the time.
    SELECT
        c.day AS day, any(one.1) AS unit, whole, any(c.environment) AS environment,
        any(if(whole, '', c.service)) AS service, any(if(whole, '', c.feature)) AS feature, any(if(whole, '', c.team)) AS team,
        count() AS unit_calls, sum(c.cost_usd) AS usd,
        CAST((any(one.2), min(c.ts), max(c.ts), unit_calls, countIf(c.cost_usd IS NULL), usd, sum(c.input_tokens), sum(c.output_tokens),
                max(c.input_tokens), any(c.feature), any(c.user_id)),
            'Tuple(id String, first_ts DateTime64(3, \'UTC\'), last_ts DateTime64(3, \'UTC\'), calls UInt64, unpriced_calls UInt64,
                cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, longest_prompt UInt64, feature String,
                user_id String)') AS told
    FROM
    (
        SELECT
            *, toDate(ts) AS day,
            [('run', scope_id), ('session', session_id), ('user', user_id), ('customer', allocation['customer']), ('trace', trace_id)] AS ids,
            [cityHash64(environment, service, feature, team), cityHash64(environment)] AS places
        FROM llmcost.calls
        WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)}
    ) AS c
    ARRAY JOIN ids AS one
    ARRAY JOIN [0, 1] AS whole
    WHERE one.2 != ''
    GROUP BY day, whole, one.1, cityHash64(one.2), places[whole + 1]
)
GROUP BY day, unit, whole, environment, service, feature, team
