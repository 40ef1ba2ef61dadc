-- Grain: one row of outcomes per `llmcost.outcome` event.
-- Source: otel_logs, recognised by scope name and attribute, never by event name (see otel_logs).
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.outcomes_from_logs ${on_cluster} TO llmcost.outcomes AS
WITH LogAttributes AS a
SELECT
    toDateTime64(Timestamp, 3, 'UTC') AS ts,
    if(a['llmcost.outcome.id'] != '', a['llmcost.outcome.id'],
        hex(sipHash128(toString(Timestamp), TraceId, SpanId, mapKeys(a), mapValues(a)))) AS outcome_id,
    a['llmcost.outcome.name'] AS name,
    toFloat64OrNull(a['llmcost.outcome.value']) AS value,
    a['llmcost.scope.id'] AS scope_id,
    a['session.id'] AS session_id,
    a['gen_ai.conversation.id'] AS conversation_id,
    a['user.id'] AS user_id,
    TraceId AS trace_id,
    ServiceName AS service,
    if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment']) AS environment,
    a['llmcost.feature'] AS feature,
    a['llmcost.allocation.team'] AS team,
    CAST(mapApply((k, v) -> (substring(k, 20), v), mapFilter((k, v) -> startsWith(k, 'llmcost.allocation.'), a)), 'Map(LowCardinality(String), String)') AS allocation,
    now64(3) AS ingested_at,
    toUInt64(4294967295 - toUnixTimestamp(now())) AS version
FROM llmcost.otel_logs
WHERE ScopeName = 'otel_llmcost' AND LogAttributes['llmcost.outcome.name'] != ''
