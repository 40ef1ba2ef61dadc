-- One row per day and unit: dollars per session, user, customer and run of a feature.
SELECT toDateTime(day, 'UTC') AS time, concat('per ', unit) AS series, toFloat64(sum(u.cost_usd)) / nullIf(sum(u.units) - sum(u.unknown_units), 0) AS usd
FROM llmcost.daily_units(since = ${since}, until = ${until}) AS u
WHERE unit != 'trace' AND ${units}
GROUP BY time, series
HAVING usd > 0
ORDER BY time, series
