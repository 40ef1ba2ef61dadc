-- Grain: one row per foreign record of a stale hour that has no price yet and whose host is declared: its row of llm_calls
-- with the provider that was declared. The port decides before the host, then the longest beginning of the model's name,
-- as in providers/hosts.py. What a gateway changes on the way is not known, so the cost becomes an estimate.
-- Source: llm_calls, declared_hosts; a refresh appends it to llm_calls. Empty unless hosts are declared.
-- Appended to: llm_calls
CREATE OR REPLACE VIEW llmcost_internal.foreign_hosts_declared ${on_cluster} AS
WITH
    declared AS
    (
        SELECT w.record_id AS record_id, argMax(d.provider, (position(d.address, ':') > 0, d.model_prefix != '', length(d.model_prefix))) AS provider
        FROM
        (
            SELECT
                record_id, request_model,
                -- Without a port it is one of the two that are usual.
                arrayJoin(arrayDistinct([server_address, splitByChar(':', server_address)[1],
                    concat(server_address, ':443'), concat(server_address, ':80')])) AS address
            FROM llmcost.llm_calls FINAL
            WHERE toStartOfHour(ts) IN (SELECT hour FROM llmcost_internal.stale_hours)
                AND source != 'otel_llmcost' AND cost_usd IS NULL AND server_address != ''
                AND (startsWith(cost_reason, 'foreign') OR cost_reason IN ('awaiting_price', 'unknown_host'))
        ) AS w
        INNER JOIN (SELECT address, model_prefix, provider FROM llmcost.declared_hosts FINAL) AS d ON w.address = d.address
        WHERE startsWith(w.request_model, d.model_prefix)
        GROUP BY record_id
    ),
    [toString(c.request_model), toString(c.model)] AS named_models,
    ${bedrock_geo}
    toString(d.provider) AS billing_provider
SELECT c.* REPLACE (
    billing_provider AS provider,
    if(bedrock_id = '', '', bedrock_geo) AS price_geo,
    'foreign_gateway' AS cost_reason,
    now64(3) AS ingested_at,
    -- Between what arrived and what is priced.
    c.version + 1 AS version)
FROM llmcost.llm_calls AS c FINAL
INNER JOIN declared AS d ON c.record_id = d.record_id
WHERE toStartOfHour(c.ts) IN (SELECT hour FROM llmcost_internal.stale_hours)
    AND (c.provider != billing_provider OR c.cost_reason IN ('foreign_host', 'unknown_host'))
