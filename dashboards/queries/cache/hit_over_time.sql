-- One row per bucket and feature: share of input tokens read from the prompt cache.
WITH top AS
(
    SELECT feature
    FROM llmcost.cache_efficiency
    WHERE ${hours}
        AND ${filters:environment,service,feature,model}
    GROUP BY feature
    ORDER BY sum(input_tokens) DESC
    LIMIT 7
)
SELECT
    $__timeInterval(hour) AS time,
    feature AS series,
    sum(cache_read_tokens) / nullIf(sum(input_tokens), 0) AS hit_rate
FROM llmcost.cache_efficiency
WHERE ${hours}
    AND ${filters:environment,service,feature,model}
    AND feature IN (SELECT feature FROM top)
GROUP BY time, series
HAVING hit_rate IS NOT NULL
ORDER BY time, series
