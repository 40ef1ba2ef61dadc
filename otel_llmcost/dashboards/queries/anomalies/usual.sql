-- One row per hour and line: dollars of the feature of the chosen incident, and what is usual at that hour of the day: the
-- median, and the band that holds eight of ten, of the hours at most one away from it in the seven days before it began;
-- of all environments where its own has no past.
WITH
    ${incident} AS chosen,
    ${past} AS has_past,
    spent AS
    (
        SELECT hour AS spent_hour, toFloat64(sum(cost_usd)) AS usd
        FROM llmcost.hourly_spend
        WHERE feature = chosen.feature
            AND (environment = chosen.environment OR NOT has_past AND hour < toStartOfHour(chosen.start))
            AND hour >= least(${since}, toStartOfHour(chosen.start) - INTERVAL 7 DAY) AND hour < ${until}
        GROUP BY hour
        HAVING usd IS NOT NULL
    ),
    (SELECT min(spent_hour) FROM spent) AS first_hour,
    usual AS
    (
        SELECT (toHour(past_hour) + near) % 24 AS hour_of_day, quantilesExactInclusive(0.1, 0.5, 0.9)(ifNull(usd, 0)) AS band
        FROM (SELECT toStartOfHour(chosen.start) - toIntervalHour(number + 1) AS past_hour FROM numbers(168)) AS grid
        LEFT JOIN spent ON past_hour = spent_hour
        ARRAY JOIN [23, 24, 25] AS near
        WHERE past_hour >= first_hour
        GROUP BY hour_of_day
    ),
    shown AS
    (
        SELECT ${since} + toIntervalHour(number) AS shown_hour
        FROM numbers(toUInt64((${until} - ${since}) / 3600))
        WHERE shown_hour >= first_hour AND shown_hour <= now() AND toUnixTimestamp(first_hour) > 0
    )
SELECT shown_hour AS time, line.1 AS series, line.2 AS hour_usd
FROM shown
LEFT JOIN spent ON shown_hour = spent_hour
LEFT JOIN usual ON toHour(shown_hour) = hour_of_day
ARRAY JOIN if(empty(band), [('actual', ifNull(usd, 0))],
    [('actual', ifNull(usd, 0)), ('usual', band[2]), ('usual, high', band[3]), ('usual, low', band[1])]) AS line
ORDER BY time, series
