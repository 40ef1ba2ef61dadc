-- Grain: one row of budget_decisions per `llmcost.budget` event; no name or id is longer than 256 characters.
-- Source: otel_logs, recognised by scope name and attribute, never by event name (see otel_logs).
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.budget_decisions_from_logs ${on_cluster} TO llmcost.budget_decisions AS
WITH
    -- A long text keeps its start, then a mark and a hash, so that texts that differ stay different.
    text -> if(length(text) <= 256 OR lengthUTF8(text) <= 256 AND length(text) <= 1024, text,
        concat(substring(substringUTF8(text, 1, 223), 1, 892), '…', lower(hex(sipHash128(text))))) AS bounded,
    LogAttributes AS a
SELECT
    toDateTime64(Timestamp, 3, 'UTC') AS ts,
    bounded(if(a['llmcost.budget.decision.id'] != '', a['llmcost.budget.decision.id'],
        hex(sipHash128(toString(Timestamp), TraceId, SpanId, mapKeys(a), mapValues(a))))) AS decision_id,
    bounded(a['llmcost.budget.decision']) AS decision,
    bounded(a['llmcost.budget.name']) AS budget,
    toDecimal64OrNull(a['llmcost.budget.amount'], 6) AS amount_usd,
    toDecimal128OrNull(a['llmcost.budget.committed'], 12) AS committed_usd,
    toDecimal128OrNull(a['llmcost.budget.estimate'], 12) AS estimate_usd,
    bounded(ServiceName) AS service,
    bounded(if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'])) AS environment,
    bounded(a['llmcost.feature']) AS feature,
    bounded(a['gen_ai.request.model']) AS request_model,
    bounded(a['user.id']) AS user_id,
    bounded(TraceId) AS trace_id,
    now64(3) AS ingested_at
FROM llmcost.otel_logs
WHERE ScopeName = 'otel_llmcost' AND LogAttributes['llmcost.budget.decision'] != ''
