-- One row per day and unit: dollars per thousand calls, and per session, user and run of a feature.
SELECT time, series, usd
FROM
(
    SELECT toStartOfDay(hour) AS time, 'per 1,000 calls' AS series, 1000 * toFloat64(sum(cost_usd)) / nullIf(sum(priced_calls), 0) AS usd
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
    GROUP BY time
    HAVING usd IS NOT NULL
    UNION ALL
    SELECT toStartOfDay(toDateTime(first_ts)) AS time, concat('per ', unit) AS series, toFloat64(sum(cost_usd)) / nullIf(uniqExactIf(unit_id, cost_usd IS NOT NULL), 0) AS usd
    FROM llmcost.unit_costs(since = $__fromTime, until = $__toTime)
    WHERE ${filters:environment,service,feature,team}
    GROUP BY time, series
    HAVING usd IS NOT NULL
)
ORDER BY time, series
