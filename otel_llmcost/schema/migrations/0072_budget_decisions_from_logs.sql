-- Grain: one row of budget_decisions per `llmcost.budget` event.
-- Source: otel_logs, recognised by scope name and attribute, never by event name (see otel_logs).
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.budget_decisions_from_logs ${on_cluster} TO llmcost.budget_decisions AS
WITH LogAttributes AS a
SELECT
    toDateTime64(Timestamp, 3, 'UTC') AS ts,
    if(a['llmcost.budget.decision.id'] != '', a['llmcost.budget.decision.id'],
        hex(sipHash128(toString(Timestamp), TraceId, SpanId, mapKeys(a), mapValues(a)))) AS decision_id,
    a['llmcost.budget.decision'] AS decision,
    a['llmcost.budget.name'] AS budget,
    toDecimal64OrNull(a['llmcost.budget.amount'], 6) AS amount_usd,
    toDecimal128OrNull(a['llmcost.budget.committed'], 12) AS committed_usd,
    toDecimal128OrNull(a['llmcost.budget.estimate'], 12) AS estimate_usd,
    ServiceName AS service,
    if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment']) AS environment,
    a['llmcost.feature'] AS feature,
    a['gen_ai.request.model'] AS request_model,
    a['user.id'] AS user_id,
    TraceId AS trace_id,
    now64(3) AS ingested_at
FROM llmcost.otel_logs
WHERE ScopeName = 'otel_llmcost' AND LogAttributes['llmcost.budget.decision'] != ''
