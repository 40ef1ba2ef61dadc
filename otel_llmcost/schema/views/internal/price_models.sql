-- Grain: one row per provider and model that was called: who bills it, and the name its price is found by.
-- Source: spend_1h__rows, rate_dict, model_facts. Clouds write their makers' ids in forms of their own.
CREATE OR REPLACE VIEW llmcost_internal.price_models ${on_cluster} AS
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
            /* facts: provider_names */
            ['bedrock', 'bedrock_converse', 'aws_bedrock', 'aws', 'az.ai.inference', 'azure.ai.inference', 'azure_ai', 'azure', 'azure_openai', 'az.ai.openai', 'vertex_ai', 'vertexai', 'google_vertex', 'google', 'gemini', 'xai', 'mistral', 'mistralai'],
            ['aws.bedrock', 'aws.bedrock', 'aws.bedrock', 'aws.bedrock', 'azure.ai.foundry', 'azure.ai.foundry', 'azure.ai.foundry', 'azure.ai.openai', 'azure.ai.openai', 'azure.ai.openai', 'gcp.vertex_ai', 'gcp.vertex_ai', 'gcp.vertex_ai', 'gcp.gen_ai', 'gcp.gemini', 'x_ai', 'mistral_ai', 'mistral_ai'],
            /* end of facts */
            lower(provider)) AS payer,
        /* facts: price_name(payer) */
        multiIf(
            position(model, '/') = 0, model,
            payer = 'anthropic', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|anthropic)/)+', ''),
            payer = 'openai', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|openai|responses)/)+', ''),
            payer = 'aws.bedrock', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|bedrock|converse|invoke|amazon-bedrock|bedrock_mantle)/)+', ''),
            payer = 'azure.ai.foundry', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|azure_ai|azure|anthropic)/)+', ''),
            payer = 'azure.ai.openai', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|azure|openai|responses)/)+', ''),
            payer = 'gcp.vertex_ai', replaceRegexpOne(model, '^(?:(?:openrouter|vercel_ai_gateway|litellm_proxy|vertex_ai|vertex|google-vertex)/)+', ''),
            model) AS routed,
        if(routed != model AND startsWith(routed, 'claude-'),
            replaceRegexpAll(routed, '(\\d)\\.(\\d)', '\\1-\\2'), routed) AS unrouted,
        if(startsWith(unrouted, 'arn:'), splitByChar('/', unrouted)[-1], unrouted) AS arn_part,
        multiIf(
            payer = 'aws.bedrock', if(match(arn_part, '^(?:(?:global|us|eu|apac|jp|au)\\.)?(?:anthropic|openai)\\.(.+?)(?:-v\\d+(?::\\d+)?)?\\z'), extract(arn_part, '^(?:(?:global|us|eu|apac|jp|au)\\.)?(?:anthropic|openai)\\.(.+?)(?:-v\\d+(?::\\d+)?)?\\z'), unrouted),
            payer = 'gcp.vertex_ai',
                replaceOne(replaceRegexpOne(splitByChar('/', unrouted)[-1], '@default\\z', ''), '@', '-'),
            unrouted) AS name,
        /* end of facts */
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
        FROM (SELECT DISTINCT c.provider AS provider, c.model AS model FROM llmcost.spend_1h__rows AS c WHERE c.is_marker = 0) AS s
    )
) AS named
CROSS JOIN llmcost_internal.model_facts AS f
WHERE named.price_model != ''
GROUP BY provider, model, payer, price_model
