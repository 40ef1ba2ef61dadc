-- One row per bucket and feature: dollars that caching saved; the seven features with most cached tokens, the rest as other.
SELECT time, if(place <= 7, feature, 'other') AS series, sum(saved) AS saved_usd
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, feature) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, feature, sum(net_saving_usd) AS saved, sum(cache_read_tokens) + sum(cache_write_tokens) AS cached,
            sum(cached) OVER (PARTITION BY feature) AS total
        FROM llmcost.cache_efficiency
        WHERE ${hours}
            AND ${filters:environment,service,feature,model}
        GROUP BY time, feature
    )
)
GROUP BY time, series
HAVING saved_usd IS NOT NULL
ORDER BY time, series
