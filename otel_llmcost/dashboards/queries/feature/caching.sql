-- One row per feature and model, the thirty with most input, losses first: what caching does there. Below about 0.3 reads a write (Anthropic's 25 % premium
-- against a 90 % discount) writing costs more than it saves.
SELECT feature, model, input_count, hit_share, reads_per_write, write_usd, saved_usd, verdict
FROM
(
    SELECT
        feature, model,
        sum(c.input_tokens) AS input_count,
        sum(c.cache_read_tokens) / nullIf(input_count, 0) AS hit_share,
        sum(c.cache_read_tokens) / nullIf(sum(c.cache_write_tokens), 0) AS reads_per_write,
        sum(c.cost_cache_write_usd) AS write_usd,
        sum(c.net_saving_usd) AS saved_usd,
        multiIf(
            sum(c.cache_write_tokens) > 0 AND sum(c.cache_read_tokens) = 0, 'written, never read',
            sum(c.net_saving_usd) < 0, 'costs more than it saves',
            sum(c.cache_read_tokens) = 0, 'not cached',
            hit_share < 0.3, 'little of the input',
            'pays off') AS verdict
    FROM llmcost.cache_efficiency AS c
    WHERE ${hours}
        AND ${filters:environment,service,feature,model}
    GROUP BY feature, model
    HAVING input_count > 0
    ORDER BY input_count DESC
    LIMIT 30
)
ORDER BY saved_usd ASC NULLS LAST, input_count DESC
LIMIT 30
