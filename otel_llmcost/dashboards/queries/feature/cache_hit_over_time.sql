-- One row per bucket and feature: share of input tokens read from the prompt cache. The seven features with most input.
-- `color`: the feature's rank by dollars in 30 days, else its place here.
WITH ${ranked:feature} AS ranks
SELECT
    time,
    concat('feature ', toString(if(has(ranks, name), indexOf(ranks, name), 8 + place))) AS color,
    name AS series,
    read / nullIf(input, 0) AS hit_rate
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, name) AS place
    FROM
    (
        SELECT $__timeInterval(hour) AS time, toString(feature) AS name, sum(cache_read_tokens) AS read, sum(input_tokens) AS input,
            sum(input) OVER (PARTITION BY name) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, name
    )
)
WHERE place <= 7 AND hit_rate IS NOT NULL
ORDER BY time, color, series
