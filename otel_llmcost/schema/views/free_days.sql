-- Grain: one row per day, environment, feature, provider, model, mode and prompt class of the calls that cost nothing and bill
-- one model: levers leave them out, another model would charge for them. `others` has every bucket.
-- Source: metered_calls.
CREATE OR REPLACE VIEW llmcost.free_days ${on_cluster} AS
SELECT
    toDate(c.ts) AS day, c.environment AS environment, c.feature AS feature, c.provider AS provider, c.model AS model, c.mode AS mode,
    arrayCount(l -> c.input_tokens > l, [100000, 200000, 272000]) AS prompt_class,
    count() AS calls,
    sumMap(c.buckets) AS others
FROM llmcost.metered_calls AS c
WHERE c.cost_usd = 0
GROUP BY day, environment, feature, provider, model, mode, prompt_class
