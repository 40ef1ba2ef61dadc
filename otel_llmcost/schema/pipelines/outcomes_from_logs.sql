-- Grain: one row of outcomes per `llmcost.outcome` event; no name or id is longer than 256 characters.
-- Source: otel_logs, recognised by scope name and attribute, never by event name (see otel_logs).
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.outcomes_from_logs ${on_cluster} TO llmcost.outcomes AS
WITH
    -- A long text keeps its start, then a mark and a hash, so that texts that differ stay different.
    text -> if(length(text) <= 256 OR lengthUTF8(text) <= 256 AND length(text) <= 1024, text,
        concat(substring(substringUTF8(text, 1, 223), 1, 892), '…', lower(hex(sipHash128(text))))) AS bounded,
    LogAttributes AS a
SELECT
    toDateTime64(Timestamp, 3, 'UTC') AS ts,
    bounded(if(a['llmcost.outcome.id'] != '', a['llmcost.outcome.id'],
        hex(sipHash128(toString(Timestamp), TraceId, SpanId, mapKeys(a), mapValues(a))))) AS outcome_id,
    bounded(a['llmcost.outcome.name']) AS name,
    toFloat64OrNull(a['llmcost.outcome.value']) AS value,
    bounded(a['llmcost.scope.id']) AS scope_id,
    bounded(a['session.id']) AS session_id,
    bounded(a['gen_ai.conversation.id']) AS conversation_id,
    bounded(a['user.id']) AS user_id,
    bounded(TraceId) AS trace_id,
    bounded(ServiceName) AS service,
    bounded(if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'])) AS environment,
    bounded(a['llmcost.feature']) AS feature,
    bounded(a['llmcost.allocation.team']) AS team,
    CAST(mapApply((k, v) -> (bounded(substring(k, 20)), bounded(v)), mapFilter((k, v) -> startsWith(k, 'llmcost.allocation.'), a)), 'Map(LowCardinality(String), String)') AS allocation,
    now64(3) AS ingested_at,
    toUInt64(4294967295 - toUnixTimestamp(now())) AS version
FROM llmcost.otel_logs
WHERE ScopeName = 'otel_llmcost' AND LogAttributes['llmcost.outcome.name'] != ''
