-- One row per environment, feature and model: dollars the last complete hours paid because less came from the cache
-- than in the 7 days before; 0 while at least half of that share still does. Needs 1,000 cached tokens an hour then.
WITH
    toStartOfHour($__toTime) AS until_hour,
    hour >= toStartOfHour($__fromTime) AS lately
SELECT
    environment, feature, model,
    if(new_share < old_share / 2 AND old_reads >= 168000,
        greatest(0, (old_share - new_share) * new_input * (plain_usd - read_usd)), 0) AS lost_usd
FROM
(
    SELECT
        environment, feature, model,
        sumIf(s.cache_read_tokens, lately) / nullIf(sumIf(s.input_tokens, lately), 0) AS new_share,
        sumIf(s.cache_read_tokens, NOT lately) / nullIf(sumIf(s.input_tokens, NOT lately), 0) AS old_share,
        sumIf(s.cache_read_tokens, NOT lately) AS old_reads,
        sumIf(s.input_tokens, lately) AS new_input,
        toFloat64(sum(s.cost_input_usd)) / nullIf(sum(s.uncached_input_tokens), 0) AS plain_usd,
        toFloat64(sumIf(s.cost_cache_read_usd, NOT lately)) / nullIf(old_reads, 0) AS read_usd
    FROM llmcost.hourly_spend AS s
    WHERE hour >= until_hour - INTERVAL 7 DAY AND hour < until_hour
    GROUP BY environment, feature, model
)
WHERE new_input > 0
ORDER BY environment, feature, model
LIMIT 1000
