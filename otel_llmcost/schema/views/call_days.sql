-- Grain: one row per day, environment, service, feature, team, provider and model of the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}), computed from the records themselves.
-- Source: calls. Read call_figures instead.
CREATE OR REPLACE VIEW llmcost.call_days ${on_cluster} AS
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
        OR match(c.finish_reason, '(^|,)(max_tokens|length|max_output_tokens)(,|\\z)')) AS wasted_usd,
    sumIf(c.cost_input_usd, c.uncached_input_tokens > 0) AS plain_input_usd,
    sum(c.cost_output_usd) AS output_usd,
    sumIf(c.uncached_input_tokens, c.cost_usd IS NOT NULL) AS uncached_tokens,
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
        'Array(Tuple(cost_usd Decimal(18, 12), ts DateTime64(3, \'UTC\'), record_id String))') AS dearest,
    CAST(arrayMap(x -> (-x.1, x.2, x.3), groupArraySorted(20)((-toInt64(c.input_tokens), c.ts, c.record_id))),
        'Array(Tuple(input_tokens UInt64, ts DateTime64(3, \'UTC\'), record_id String))') AS longest
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY day, environment, service, feature, team, provider, model
