-- One row: how often a written token was read. NULL when none was written.
SELECT sum(cache_read_tokens) / nullIf(sum(cache_write_tokens), 0) AS reads_per_write
FROM llmcost.cache_efficiency
WHERE ${hours}
    AND ${filters:environment,service,feature,model}
