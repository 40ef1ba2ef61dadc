-- One row per bucket and feature: dollars that caching saved; the seven features with most cached tokens, the rest as other.
WITH top AS
(
    SELECT feature
    FROM llmcost.cache_efficiency
    WHERE ${hours}
        AND ${filters:environment,service,feature,model}
    GROUP BY feature
    ORDER BY sum(cache_read_tokens) + sum(cache_write_tokens) DESC
    LIMIT 7
)
SELECT $__timeInterval(hour) AS time, if(feature IN (SELECT feature FROM top), feature, 'other') AS series, sum(net_saving_usd) AS saved_usd
FROM llmcost.cache_efficiency
WHERE ${hours}
    AND ${filters:environment,service,feature,model}
GROUP BY time, series
HAVING saved_usd IS NOT NULL
ORDER BY time, series
