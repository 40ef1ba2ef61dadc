-- One row per environment and service: dollars of the window without a feature tag, 0 while they are under 5 % of all.
SELECT
    environment, service,
    if(untagged_usd > 0.05 * all_usd, untagged_usd, 0) AS usd
FROM
(
    SELECT
        environment, service,
        ifNull(toFloat64(sum(cost_usd)), 0) AS all_usd,
        ifNull(toFloat64(sumIf(cost_usd, feature_source != 'tag')), 0) AS untagged_usd
    FROM llmcost.calls
    WHERE $__timeFilter(ts)
    GROUP BY environment, service
)
ORDER BY environment, service
LIMIT 1000
