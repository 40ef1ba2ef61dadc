-- How many calls features usually get, as of the hour of a moment, into feature_volumes.
INSERT INTO llmcost.feature_volumes
WITH
    by_hour AS
    (
        SELECT environment, feature, h.hour AS hour, sum(h.calls) AS calls, toFloat64(sum(h.cost_usd)) AS usd
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        WHERE h.ago >= 6
        GROUP BY environment, feature, hour
    ),
    -- From the first call on, hour by hour.
    every_hour AS
    (
        SELECT
            environment, feature,
            arrayJoin(arrayMap(
                n -> toStartOfHour({now:DateTime('UTC')}) - toIntervalHour(n),
                range(6, 1 + dateDiff('hour', min(hour), toStartOfHour({now:DateTime('UTC')}))))) AS hour
        FROM by_hour
        GROUP BY environment, feature
    )
SELECT
    toStartOfHour({now:DateTime('UTC')}) AS as_of,
    environment, feature, age, hours, called_hours, all_calls, hourly, spread, most,
    CAST(arrayMap(
        w -> (w, arrayMax(arrayMap(
            (high, low) -> high - low,
            up_to, arraySlice(arrayConcat(arrayWithConstant(w, toUInt64(0)), up_to), 1, length(up_to))))),
        [1, 2, 3, 6]) AS Map(UInt8, UInt64)) AS fullest,
    mapApply((hour, many) -> (hour, many / days[hour]), calls_by_hour) AS by_hour,
    call_usd, day_usd, now64(3) AS computed_at
FROM
(
    SELECT
        e.environment AS environment, e.feature AS feature,
        dateDiff('hour', min(e.hour), toStartOfHour({now:DateTime('UTC')})) AS age,
        countIf(is_usual) AS hours, countIf(is_usual AND b.calls > 0) AS called_hours,
        sumIf(b.calls, is_usual) AS all_calls,
        all_calls / greatest(1, hours) AS hourly,
        sqrt(greatest(hourly, sumIf(b.calls * b.calls, is_usual) / greatest(1, hours) - hourly * hourly)) AS spread,
        maxIf(b.calls, is_usual) AS most,
        -- Stretches over hours that are left out count nothing for them.
        arrayCumSum(arrayMap(h -> h.2, arraySort(groupArray((e.hour, if(is_usual, b.calls, 0)))))) AS up_to,
        sumMapIf(map(toHour(e.hour), b.calls), is_usual) AS calls_by_hour,
        sumMapIf(map(toHour(e.hour), toUInt64(1)), is_usual) AS days,
        sumIf(b.usd, is_usual) / nullIf(sumIf(b.calls, is_usual AND isNotNull(b.usd)), 0) AS call_usd,
        sumIf(b.usd, is_usual) * 24 / greatest(24, hours) AS day_usd
    FROM
    (
        SELECT *, (environment, feature, hour, 'volume') NOT IN
            (SELECT environment, feature, hour, norm FROM llmcost_internal.unusual_hours(now = {now:DateTime('UTC')})) AS is_usual
        FROM every_hour
    ) AS e
    LEFT JOIN by_hour AS b ON e.environment = b.environment AND e.feature = b.feature AND e.hour = b.hour
    GROUP BY environment, feature
)
