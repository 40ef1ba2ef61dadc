-- Grain: one row per provider and model that was called: who bills it, and the name its price is found by.
-- Source: llm_cost_1h, rate_dict, model_facts. Clouds write their makers' ids in forms of their own.
CREATE OR REPLACE VIEW llmcost.price_models ${on_cluster} AS
SELECT
    named.provider AS provider, named.model AS model, named.payer AS payer, named.price_model AS price_model,
    startsWith(price_model, 'claude') AS claude,
    argMinIf(f.next_tier, f.number, match(price_model, f.pattern)) AS next_tier,
    argMinIf(f.cache_minimum, f.number, match(price_model, f.pattern)) AS cache_minimum
FROM
(
    SELECT
        provider, model,
        transform(lower(provider),
            ['azure', 'azure_openai', 'az.ai.openai', 'az.ai.inference', 'vertex_ai', 'google_vertex', 'bedrock', 'aws_bedrock'],
            ['azure.ai.openai', 'azure.ai.openai', 'azure.ai.openai', 'azure.ai.foundry', 'gcp.vertex_ai', 'gcp.vertex_ai', 'aws.bedrock', 'aws.bedrock'],
            lower(provider)) AS payer,
        if(startsWith(model, 'arn:'), splitByChar('/', model)[-1], model) AS arn_part,
        '^(?:(?:global|us|eu|apac|jp|au)\\.)?(?:anthropic|openai)\\.(.+?)(?:-v\\d+(?::\\d+)?)?\\z' AS bedrock,
        multiIf(
            payer = 'aws.bedrock', if(match(arn_part, bedrock), extract(arn_part, bedrock), model),
            payer = 'gcp.vertex_ai', replaceOne(replaceRegexpOne(splitByChar('/', model)[-1], '@default\\z', ''), '@', '-'),
            model) AS name,
        splitByChar(':', name) AS parts,
        -- The exact id, else the longest `prefix:*`.
        arrayFirst(
            candidate -> dictHas('llmcost.rate_dict', ('current', payer, candidate, '', '', 'model'), now('UTC')),
            arrayConcat([name], arrayMap(
                n -> concat(arrayStringConcat(arraySlice(parts, 1, length(parts) - n), ':'), ':*'),
                range(1, length(parts))))) AS price_model
    FROM
    (
        SELECT toString(s.provider) AS provider, toString(s.model) AS model
        FROM (SELECT DISTINCT c.provider AS provider, c.model AS model FROM llmcost.llm_cost_1h AS c WHERE c.calls > 0) AS s
    )
) AS named
CROSS JOIN llmcost.model_facts AS f
WHERE named.price_model != ''
GROUP BY provider, model, payer, price_model
