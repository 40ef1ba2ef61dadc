-- Grain: one row per day, environment, service, feature, team, provider and model. Sketches are read with
-- quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch), which gives the median and the 95th percentile to within half a per cent;
-- no client reads them raw.
-- Source: calls.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
CREATE TABLE llmcost.daily_calls
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    retried_calls UInt64 COMMENT 'needed more than one attempt' CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    wasted_usd Nullable(Decimal(38, 12)) COMMENT 'of calls that failed, were abandoned or cut off' CODEC(ZSTD(1)),
    uncached_input_usd Nullable(Decimal(38, 12)) COMMENT 'of uncached_tokens' CODEC(ZSTD(1)),
    output_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    uncached_input_tokens UInt64 COMMENT 'of priced calls' CODEC(T64, ZSTD(1)),
    output_tokens UInt64 COMMENT 'of priced calls' CODEC(T64, ZSTD(1)),
    cost_classes Array(UInt64) COMMENT 'calls of unknown cost, free, below 0.0001 USD, and so on by powers of ten' CODEC(ZSTD(1)),
    cost_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    duration_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    ttft_sketch AggregateFunction(quantilesDD(0.005, 0.5, 0.95), Float64) CODEC(ZSTD(1)),
    top_by_cost Array(Tuple(cost_usd Decimal(18, 12), ts DateTime64(3, 'UTC'), record_id String)) CODEC(ZSTD(1)),
    top_by_input Array(Tuple(input_tokens UInt64, ts DateTime64(3, 'UTC'), record_id String)) CODEC(ZSTD(1))
)
ORDER BY (day, feature, model, environment, service, team, provider)
AS
SELECT
    toDate(c.ts) AS day,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    c.provider AS provider,
    c.model AS model,
    count() AS calls,
    countIf(c.error_type != '') AS errors,
    countIf(c.resend_count > 0) AS retried_calls,
    count(c.cost_usd) AS priced_calls,
    sum(c.cost_usd) AS cost_usd,
    sumIf(c.cost_usd, c.error_type != '' OR c.stream_outcome = 'abandoned'
        OR ${cut_answer(c.finish_reason)}) AS wasted_usd,
    sumIf(c.cost_input_usd, c.uncached_input_tokens > 0) AS uncached_input_usd,
    sum(c.cost_output_usd) AS output_usd,
    sumIf(c.uncached_input_tokens, c.cost_usd IS NOT NULL) AS uncached_input_tokens,
    sumIf(c.output_tokens, c.cost_usd IS NOT NULL) AS output_tokens,
    [
        countIf(c.cost_usd IS NULL), countIf(c.cost_usd = 0), countIf(c.cost_usd > 0 AND c.cost_usd < 0.0001),
        countIf(c.cost_usd >= 0.0001 AND c.cost_usd < 0.001), countIf(c.cost_usd >= 0.001 AND c.cost_usd < 0.01),
        countIf(c.cost_usd >= 0.01 AND c.cost_usd < 0.1), countIf(c.cost_usd >= 0.1 AND c.cost_usd < 1), countIf(c.cost_usd >= 1)
    ] AS cost_classes,
    quantilesDDStateIf(0.005, 0.5, 0.95)(toFloat64(assumeNotNull(c.cost_usd)), c.cost_usd IS NOT NULL) AS cost_sketch,
    quantilesDDState(0.005, 0.5, 0.95)(toFloat64(c.duration_ms)) AS duration_sketch,
    quantilesDDStateIf(0.005, 0.5, 0.95)(toFloat64(assumeNotNull(c.ttft_ms)), c.ttft_ms IS NOT NULL) AS ttft_sketch,
    -- Sorted upwards.
    CAST(arrayMap(x -> (-x.1, x.2, x.3), groupArraySortedIf(20)((-assumeNotNull(c.cost_usd), c.ts, c.record_id), c.cost_usd IS NOT NULL)),
        'Array(Tuple(cost_usd Decimal(18, 12), ts DateTime64(3, \'UTC\'), record_id String))') AS top_by_cost,
    CAST(arrayMap(x -> (-x.1, x.2, x.3), groupArraySorted(20)((-toInt64(c.input_tokens), c.ts, c.record_id))),
        'Array(Tuple(input_tokens UInt64, ts DateTime64(3, \'UTC\'), record_id String))') AS top_by_input
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY day, environment, service, feature, team, provider, model
