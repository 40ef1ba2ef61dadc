-- Grain: one row per environment, feature, hour and norm (`size` of calls, or their `volume`) that an anomaly leaves it
-- out of: the first 24 hours of trouble of an incident (what returns within a day is the same one), as of a moment.
-- What goes on longer is usual from then on. So is what is six days old: a weekly job is known a week later.
-- So is, at once, what somebody acknowledged as expected.
-- Source: anomaly_log, incident_log, incident_acks; unusual_hours(now = ...).
CREATE OR REPLACE VIEW llmcost_internal.unusual_hours ${on_cluster} AS
SELECT environment, feature, norm, hour
FROM
(
    SELECT *, row_number() OVER (PARTITION BY environment, feature, norm, incident ORDER BY hour) AS number
    FROM
    (
        SELECT *, sum(is_first) OVER (PARTITION BY environment, feature, norm ORDER BY hour) AS incident
        FROM
        (
            SELECT
                *,
                hour > lagInFrame(hour) OVER (
                    PARTITION BY environment, feature, norm ORDER BY hour
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + INTERVAL 24 HOUR AS is_first
            FROM
            (
                SELECT DISTINCT
                    a.environment AS environment, a.feature AS feature,
                    arrayJoin(multiIf(
                        a.kind = 'volume_surge', ['volume'],
                        a.kind IN ('loop', 'retry_storm', 'duplicate_requests'), ['size', 'volume'],
                        a.kind IN ('prompt_growth', 'output_growth', 'cache_collapse', 'model_swap', 'truncation_surge', 'call_outlier'), ['size'],
                        [])) AS norm,
                    arrayJoin(arrayMap(
                        n -> toStartOfHour(a.started_at) + toIntervalHour(n),
                        -- One that ends on the hour has nothing in the next.
                        range(toUInt32(least(720, 1 + dateDiff(
                            'hour', a.started_at, greatest(a.started_at, toDateTime(a.ended_at, 'UTC') - INTERVAL 1 SECOND))))))) AS hour
                FROM llmcost.anomaly_log AS a FINAL
                WHERE a.ended_at >= {now:DateTime('UTC')} - INTERVAL 30 DAY AND a.started_at <= {now:DateTime('UTC')}
                    AND a.anomaly_id NOT IN
                    (
                        SELECT arrayJoin(anomaly_ids)
                        FROM llmcost.incident_log FINAL
                        WHERE expected_by != '' OR incident_id IN
                        (
                            SELECT incident_id
                            FROM llmcost.incident_acks
                            GROUP BY incident_id
                            HAVING argMax(state, acked_at) = 'expected'
                        )
                    )
            )
        )
    )
)
WHERE number <= 24 AND hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 6 DAY
