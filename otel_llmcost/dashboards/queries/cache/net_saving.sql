-- One row: dollars that caching saved, after what writing cost. Negative when writes never paid off.
SELECT sum(net_saving_usd) AS saved_usd
FROM llmcost.cache_efficiency
WHERE ${hours}
    AND ${filters:environment,service,feature,model}
