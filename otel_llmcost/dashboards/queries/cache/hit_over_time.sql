-- One row per bucket and feature: share of input tokens read from the prompt cache. The seven features with most input.
SELECT time, feature AS series, read / nullIf(input, 0) AS hit_rate
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, feature) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, feature, sum(cache_read_tokens) AS read, sum(input_tokens) AS input,
            sum(input) OVER (PARTITION BY feature) AS total
        FROM llmcost.cache_efficiency
        WHERE ${hours}
            AND ${filters:environment,service,feature,model}
        GROUP BY time, feature
    )
)
WHERE place <= 7 AND hit_rate IS NOT NULL
ORDER BY time, series
