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
    SELECT toStartOfDay(first_ts) AS time, concat('per ', ['run', 'session', 'user', 'customer'][kind]) AS series,
        toFloat64(sum(unit_usd)) / nullIf(uniqExactIf(id, unit_usd IS NOT NULL), 0) AS usd
    FROM
    (
        SELECT key.1 AS kind, key.2 AS id, toDateTime(min(ts)) AS first_ts, sum(cost_usd) AS unit_usd
        FROM llmcost.calls
        ARRAY JOIN [(toUInt8(1), cityHash64(scope_id)), (toUInt8(2), cityHash64(session_id)), (toUInt8(3), cityHash64(user_id)),
            (toUInt8(4), cityHash64(allocation['customer']))] AS key
        WHERE ts >= $__fromTime AND ts < $__toTime AND id != cityHash64('')
            AND ${filters:environment,service,feature,team}
        -- A unit of two features is dated by the first call in each.
        GROUP BY kind, id, cityHash64(environment, service, feature, team)
    )
    GROUP BY time, series
    HAVING usd IS NOT NULL
)
ORDER BY time, series
