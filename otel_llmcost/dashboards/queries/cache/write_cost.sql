-- One row: dollars spent on writing to the cache.
SELECT sum(cost_cache_write_usd) AS write_usd
FROM llmcost.cache_efficiency
WHERE ${hours}
    AND ${filters:environment,service,feature,model}
