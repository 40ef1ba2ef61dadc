-- One row per day and unit: dollars per thousand calls, and per session, user and run of a feature.
SELECT time, series, usd
FROM
(
    SELECT toStartOfDay(hour) AS time, 'per 1,000 calls' AS series, 1000 * toFloat64(sum(cost_usd)) / nullIf(sum(priced_calls), 0) AS usd
    FROM llmcost.hourly_spend
    WHERE ${hours}
        AND ${filters}
    GROUP BY time
    HAVING usd IS NOT NULL
    UNION ALL
    SELECT toDateTime(day, 'UTC') AS time, concat('per ', unit) AS series, toFloat64(sum(u.cost_usd)) / nullIf(sum(u.units) - sum(u.unknown_units), 0) AS usd
    FROM llmcost.daily_units(since = ${since}, until = ${until}) AS u
    WHERE unit != 'trace' AND ${units}
    GROUP BY time, series
    HAVING usd IS NOT NULL
)
ORDER BY time, series
