-- Grain: one row per provider and model that was called: who bills it, and the name its price is found by.
-- Source: hourly_spend__rows, rate_dict, model_facts. Clouds write their makers' ids in forms of their own.
CREATE OR REPLACE VIEW llmcost_internal.price_models ${on_cluster} AS
SELECT
    named.provider AS provider, named.model AS model, named.billing_provider AS billing_provider, named.price_model AS price_model,
    ${is_claude(price_model)} AS claude,
    argMinIf(f.next_tier, f.number, match(price_model, f.pattern)) AS next_tier,
    argMinIf(f.cache_minimum, f.number, match(price_model, f.pattern)) AS cache_minimum
FROM
(
    SELECT
        provider, model,
        transform(lower(provider),
            ${provider_names}
            lower(provider)) AS billing_provider,
        ${price_name(billing_provider)}
        splitByChar(':', name) AS parts,
        -- The exact id, else the longest `prefix:*`.
        arrayFirst(
            candidate -> dictHas('llmcost.rate_dict', ('current', billing_provider, candidate, '', '', 'model'), now('UTC')),
            arrayConcat([name], arrayMap(
                n -> concat(arrayStringConcat(arraySlice(parts, 1, length(parts) - n), ':'), ':*'),
                range(1, length(parts))))) AS price_model
    FROM
    (
        SELECT toString(s.provider) AS provider, toString(s.model) AS model
        FROM (SELECT DISTINCT c.provider AS provider, c.model AS model FROM llmcost.hourly_spend__rows AS c WHERE c.is_marker = 0) AS s
    )
) AS named
CROSS JOIN llmcost_internal.model_facts AS f
WHERE named.price_model != ''
GROUP BY provider, model, billing_provider, price_model
