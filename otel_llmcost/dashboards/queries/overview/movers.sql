-- One row per feature: what its spend changed by against as many hours before, and why. The parts add up to it.
-- Whole hours: then the rollup answers.
SELECT
    feature,
    sum(a_usd) AS before_usd,
    sum(b_usd) AS now_usd,
    sum(change_usd) AS changed_usd,
    sum(volume_usd) AS by_volume,
    sum(model_usd) + sum(mode_usd) AS by_model,
    sum(prompt_usd) AS by_prompt,
    sum(cache_usd) AS by_cache,
    sum(output_usd) AS by_output,
    sum(price_usd) + sum(rates_usd) AS by_price,
    sum(new_usd) + sum(gone_usd) AS by_new,
    sum(coverage_usd) + sum(tools_usd) AS by_rest
FROM llmcost.change_between(
    a_since = ${since} - (toStartOfHour($__toTime) - ${since}),
    a_until = ${since}, a_environment = '', a_version = '',
    b_since = ${since}, b_until = toStartOfHour($__toTime), b_environment = '', b_version = '',
    service = '')
WHERE ${filters:feature,model}
GROUP BY feature
HAVING changed_usd != 0
ORDER BY abs(changed_usd) DESC, feature
LIMIT 15
