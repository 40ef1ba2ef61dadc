-- Three times the calls a feature usually gets in these hours of the day, and more than any hour of the past week had.
WITH
    days AS
    (
        SELECT
            environment, feature, hour, min(h.ago) AS ago, max(h.has_usual_volume) AS is_usual,
            sum(h.calls) AS calls, toFloat64(sum(h.cost_usd)) AS usd,
            argMax(h.model, h.calls) AS model,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        GROUP BY environment, feature, hour
    ),
    -- Hours without calls have no row: what is usual counts them as 0. Unusual hours count for nothing.
    spans AS
    (
        SELECT environment, feature, count() AS hours, sumMap(map(toHour(hour), 1)) AS days
        FROM
        (
            SELECT
                environment, feature,
                arrayJoin(arrayMap(
                    n -> toStartOfHour({now:DateTime('UTC')}) - toIntervalHour(n),
                    range(6, 6 + least(168, greatest(1, toInt32(max(d.ago)) - 5))))) AS hour
            FROM days AS d
            GROUP BY environment, feature
        )
        WHERE (environment, feature, hour, 'volume') NOT IN
            (SELECT environment, feature, hour, norm FROM llmcost_internal.unusual_hours(now = {now:DateTime('UTC')}))
        GROUP BY environment, feature
    ),
    base AS
    (
        SELECT
            environment, feature,
            any(s.hours) AS hours,
            any(s.days) AS days,
            sum(d.calls) / hours AS hourly,
            max(d.calls) AS most,
            sqrt(greatest(hourly, sum(d.calls * d.calls) / hours - hourly * hourly)) AS spread,
            sumMap(map(toHour(d.hour), d.calls)) AS by_hour,
            sum(d.usd) / sum(d.calls) AS usd,
            medianExact(ifNull(d.usd, 0)) AS hour_usd
        FROM days AS d
        INNER JOIN spans AS s ON d.environment = s.environment AND d.feature = s.feature
        WHERE d.is_usual AND d.ago < 174
        GROUP BY environment, feature
        HAVING count() >= 12 AND sum(d.calls) >= 20
    ),
    recent AS
    (
        SELECT
            environment, feature, w, min(d.hour) AS started_at, sum(d.calls) AS calls, sum(d.usd) AS usd,
            argMax(d.model, d.calls) AS model, argMax(d.worst, ifNull(d.usd, 0)) AS worst,
            groupArray((d.hour, d.calls)) AS by_hour
        FROM days AS d
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE ago < w
        GROUP BY environment, feature, w
    )
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    greatest(b.hourly * r.w, arraySum(
        h -> b.by_hour[h] / greatest(1, b.days[h]), arrayMap(n -> toHour({now:DateTime('UTC')} - toIntervalHour(n)), range(r.w)))) AS expected, toFloat64(r.calls) AS actual,
    concat('calls in ', toString(r.w), if(r.w = 1, ' hour', ' hours')) AS unit,
    (actual - expected) * b.usd AS excess,
    '' AS why,
    arrayMax(h -> if(h.2 >= (expected + actual) / 2 / r.w, h.1, r.started_at), r.by_hour) AS last_hour,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
INNER JOIN base AS b ON r.environment = b.environment AND r.feature = b.feature
WHERE actual >= 20 AND actual >= 3 * expected AND actual >= 1.25 * b.most * sqrt(r.w) AND actual >= expected + 6 * b.spread * sqrt(r.w)
    AND ifNull(excess >= greatest({floor_usd:Float64}, b.hour_usd), true)
ORDER BY ifNull(excess, 0) / sqrt(r.w) DESC, r.w
LIMIT 1 BY environment, feature
