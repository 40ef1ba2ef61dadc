-- Three times the calls a feature usually gets in these hours of the day, and more than any hour of the past week had.
-- It goes into the digest, unless it is a tenth of the bill and far beyond the fullest stretch of the week.
WITH
    recent AS
    (
        SELECT
            environment, feature, w, min(h.hour) AS started_at, sum(h.calls) AS calls,
            argMax(h.model, h.calls) AS model,
            argMax((h.worst_record_id, h.worst_trace_id), (ifNull(h.max_call_cost_usd, 0), h.worst_record_id)) AS worst,
            sumMap(map(h.hour, h.calls)) AS by_hour
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
        ARRAY JOIN [1, 2, 3, 6] AS w
        WHERE h.hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 6 HOUR AND h.ago < w
        GROUP BY environment, feature, w
    ),
    norms AS (SELECT * FROM llmcost.feature_volumes FINAL WHERE as_of = toStartOfHour({now:DateTime('UTC')})),
    ifNull((SELECT sum(day_usd) FROM norms), 0) AS bill_usd
SELECT
    r.environment AS environment, r.feature AS feature, r.model AS model, r.started_at AS started_at, r.calls AS calls,
    greatest(b.hourly * r.w, arraySum(
        n -> b.by_hour[toHour({now:DateTime('UTC')} - toIntervalHour(n))], range(r.w))) AS expected,
    toFloat64(r.calls) AS actual,
    concat('calls in ', toString(r.w), if(r.w = 1, ' hour', ' hours')) AS unit,
    (actual - expected) * b.call_usd AS excess,
    excess * 24 / greatest(1, r.w - 1 + toMinute({now:DateTime('UTC')}) / 60) AS excess_of_day,
    '' AS why,
    if(excess_of_day >= bill_usd / 10 AND actual >= 4 * expected AND actual >= 3 * b.fullest[r.w], 'report', 'digest') AS level,
    arrayMax(arrayMap((hour, many) -> if(many >= (expected + actual) / 2 / r.w, hour, r.started_at), mapKeys(r.by_hour), mapValues(r.by_hour))) AS last_hour,
    r.worst.1 AS worst_record_id, r.worst.2 AS worst_trace_id
FROM recent AS r
INNER JOIN norms AS b ON r.environment = b.environment AND r.feature = b.feature
WHERE b.age >= 72 AND b.called_hours >= 12 AND b.calls >= 20
    AND actual >= 20 AND actual >= 3 * expected AND actual >= 1.25 * b.most * sqrt(r.w) AND actual >= expected + 6 * b.spread * sqrt(r.w)
    AND ifNull(excess_of_day >= {strictness:Float64} * greatest({floor_usd:Float64}, b.day_usd / 50, {floor_of_bill:Float64} * bill_usd), true)
ORDER BY level DESC, ifNull(excess, 0) / sqrt(r.w) DESC, r.w
LIMIT 1 BY environment, feature
