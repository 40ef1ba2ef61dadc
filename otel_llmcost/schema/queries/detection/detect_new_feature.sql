-- A feature that is a day old, and what it costs: once. It goes into the digest, unless it is a tenth of the bill.
-- A store that is younger than a week has no new features.
WITH
    features AS
    (
        SELECT
            environment, feature,
            argMax(d.model, d.usd) AS model,
            min(d.started_at) AS started_at, max(d.last_hour) AS last_hour,
            max(d.is_tagged) AS is_tagged,
            sumIf(d.calls, d.day = 0) AS calls, sumIf(d.usd, d.day = 0) AS usd,
            argMax(d.worst, ifNull(d.usd, 0)) AS worst
        FROM llmcost.feature_days AS d FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')})
        GROUP BY environment, feature
    ),
    (SELECT min(f.started_at) FROM features AS f) AS first_of_all,
    (SELECT sum(f.usd) FROM features AS f) AS bill_usd
SELECT
    environment, feature, model, started_at, calls,
    toFloat64(0) AS expected, usd AS actual, 'USD in its first day' AS unit,
    usd AS excess,
    '' AS why,
    if(usd >= bill_usd / 10, 'report', 'digest') AS level, last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM features
WHERE is_tagged AND started_at <= {now:DateTime('UTC')} - INTERVAL 24 HOUR AND started_at > {now:DateTime('UTC')} - INTERVAL 30 HOUR
    AND first_of_all <= {now:DateTime('UTC')} - INTERVAL 7 DAY
    AND usd >= {strictness:Float64} * greatest({floor_usd:Float64}, {floor_of_bill:Float64} * bill_usd)
ORDER BY environment, feature
