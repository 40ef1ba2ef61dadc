-- Grain: one row per day, unit, environment, service, feature and team, and one per day, unit and environment (`whole` = 1: a
-- unit's part in every service, feature and team together). Units: `run` (a scope, one run of a feature), `session`, `user`,
-- `customer` (the allocation key of that name), `trace`. A unit of several days counts on each of them, with that day's part.
-- Filter by `whole`, and never add up different units. Sketches are read with
-- quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch), which gives the median and the 95th percentile to within half a per cent;
-- no client reads them raw.
-- Source: calls.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
-- Settings: index_granularity = 256
CREATE TABLE llmcost.daily_units
(
    day Date CODEC(Delta(2), ZSTD(1)),
    unit LowCardinality(String) CODEC(ZSTD(1)),
    is_total UInt8 COMMENT '1: a unit''s part in every service, feature and team together' CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    units UInt64 COMMENT 'with calls on that day' CODEC(T64, ZSTD(1)),
    unknown_units UInt64 COMMENT 'none of whose calls is priced' CODEC(T64, ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    max_usd Nullable(Decimal(38, 12)) COMMENT 'of the most expensive' CODEC(ZSTD(1)),
    cost_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) COMMENT 'of a unit whose cost is known' CODEC(ZSTD(1)),
    top_by_cost Array(Tuple(id String, first_ts DateTime64(3, 'UTC'), last_ts DateTime64(3, 'UTC'), calls UInt64, unpriced_calls UInt64,
        cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, max_input_tokens UInt64, feature String, user_id String)) COMMENT 'the twenty top_by_cost sessions or traces' CODEC(ZSTD(1)),
    top_by_calls Array(Tuple(id String, first_ts DateTime64(3, 'UTC'), last_ts DateTime64(3, 'UTC'), calls UInt64, unpriced_calls UInt64,
        cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, max_input_tokens UInt64, feature String, user_id String)) COMMENT 'the twenty traces with most calls' CODEC(ZSTD(1))
)
ORDER BY (unit, is_total, day, environment, feature, service, team)
AS
SELECT
    day, unit, is_total, environment, service, feature, team,
    count() AS units,
    countIf(usd IS NULL) AS unknown_units,
    sum(unit_calls) AS calls,
    sum(usd) AS cost_usd,
    max(usd) AS max_usd,
    quantilesDDStateIf(0.005, 0.5, 0.95)(toFloat64(assumeNotNull(usd)), usd IS NOT NULL) AS cost_sketch,
    -- The first of each pair sorts; unknown costs come last.
    arrayMap(u -> u.2, groupArraySortedIf(20)((-ifNull(usd, -1), entry), unit IN ('session', 'trace'))) AS top_by_cost,
    arrayMap(u -> u.2, groupArraySortedIf(20)((-toInt64(unit_calls), entry), unit = 'trace')) AS top_by_calls
FROM
(
    -- Grouped by hashes: strings would take most of the time.
    SELECT
        c.day AS day, any(one.1) AS unit, is_total, any(c.environment) AS environment,
        any(if(is_total, '', c.service)) AS service, any(if(is_total, '', c.feature)) AS feature, any(if(is_total, '', c.team)) AS team,
        count() AS unit_calls, sum(c.cost_usd) AS usd,
        CAST((any(one.2), min(c.ts), max(c.ts), unit_calls, countIf(c.cost_usd IS NULL), usd, sum(c.input_tokens), sum(c.output_tokens),
                max(c.input_tokens), any(c.feature), any(c.user_id)),
            'Tuple(id String, first_ts DateTime64(3, \'UTC\'), last_ts DateTime64(3, \'UTC\'), calls UInt64, unpriced_calls UInt64,
                cost_usd Nullable(Decimal(38, 12)), input_tokens UInt64, output_tokens UInt64, max_input_tokens UInt64, feature String,
                user_id String)') AS entry
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
    ARRAY JOIN [0, 1] AS is_total
    WHERE one.2 != ''
    GROUP BY day, is_total, one.1, cityHash64(one.2), places[is_total + 1]
)
GROUP BY day, unit, is_total, environment, service, feature, team
