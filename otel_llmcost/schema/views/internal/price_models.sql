-- Grain: one row per provider and model that was called: who bills it, and the name its price is found by.
-- Source: hourly_spend__rows, rate_dict, model_facts. Clouds write their makers' ids in forms of their own.
-- A step of a name is a subquery: the engine repeats the text of an alias wherever it is used, and would plan for 0.2 s.
CREATE OR REPLACE VIEW llmcost_internal.price_models ${on_cluster} AS
WITH
    called AS
    (
        SELECT DISTINCT toString(c.provider) AS provider, toString(c.model) AS model
        FROM llmcost.hourly_spend__rows AS c
        WHERE c.is_marker = 0
    ),
    billed AS
    (
        SELECT
            provider, model,
            transform(lower(provider),
                ${provider_names}
                lower(provider)) AS billing_provider
        FROM called
    ),
    named AS
    (
        SELECT
            provider, model, billing_provider,
            ${price_name(billing_provider)} AS name
        FROM billed
    ),
    split AS
    (
        SELECT *, splitByChar(':', name) AS parts
        FROM named
    ),
    priced AS
    (
        SELECT
            provider, model, billing_provider,
            -- The exact id, else the longest `prefix:*`.
            arrayFirst(
                candidate -> dictHas('llmcost.rate_dict', ('current', billing_provider, candidate, '', '', 'model'), now('UTC')),
                arrayConcat([name], arrayMap(
                    n -> concat(arrayStringConcat(arraySlice(parts, 1, length(parts) - n), ':'), ':*'),
                    range(1, length(parts))))) AS price_model
        FROM split
    )
SELECT
    p.provider AS provider, p.model AS model, p.billing_provider AS billing_provider, p.price_model AS price_model,
    ${is_claude(price_model)} AS claude,
    argMinIf(f.next_tier, f.number, match(price_model, f.pattern)) AS next_tier,
    argMinIf(f.cache_minimum, f.number, match(price_model, f.pattern)) AS cache_minimum
FROM priced AS p
CROSS JOIN llmcost_internal.model_facts AS f
WHERE p.price_model != ''
GROUP BY provider, model, billing_provider, price_model
