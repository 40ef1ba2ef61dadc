-- Grain: one row per bucket of {step:UInt32} seconds, day, environment, service, feature, team, provider, model, requested
-- for, ending, emitter, and whether the cost is known and why not, of the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}), computed from the records themselves.
-- Source: calls. Read finish_reasons instead.
CREATE OR REPLACE VIEW llmcost_internal.finish_reason_groups ${on_cluster} AS
SELECT
    toStartOfInterval(toDateTime(c.ts), toIntervalSecond({step:UInt32})) AS time,
    toDate(c.ts) AS day,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    c.provider AS provider,
    c.model AS model,
    c.request_model AS request_model,
    multiIf(
        c.error_type != '', 'error',
        c.stream_outcome = 'abandoned', 'abandoned',
        c.finish_reason = '', '(none)',
        splitByChar(',', toString(c.finish_reason))[1]) AS finish_reason,
    c.source AS source,
    c.cost_usd IS NULL AS is_unpriced,
    c.cost_reason AS cost_reason,
    count() AS calls,
    countIf(c.feature_source != 'tag') AS untagged_calls,
    sum(c.resend_count) AS resends,
    sum(c.input_tokens) AS input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd,
    min(c.ts) AS first_ts,
    max(c.ts) AS last_ts,
    argMax(c.service_version, c.ts) AS service_version,
    argMax(c.record_id, c.ts) AS record_id,
    max(greatest(0, dateDiff('millisecond', c.ts, c.ingested_at) - c.duration_ms) / 1000) AS max_lag_s,
    quantilesDDState(0.005, 0.5, 0.95)(toFloat64(greatest(0, dateDiff('millisecond', c.ts, c.ingested_at) - c.duration_ms) / 1000)) AS lag_sketch
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY time, day, environment, service, feature, team, provider, model, request_model, finish_reason, source, is_unpriced, cost_reason
