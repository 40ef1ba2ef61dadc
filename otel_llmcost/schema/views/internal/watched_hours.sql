-- Grain: one row per hour, environment, feature and model of the eight days before a moment.
-- Source: feature_hours, anomaly_log; watched_hours(now = ...). `ago` counts hours back from the moment's own (0).
-- `is_normal` hours make up the baseline: six hours old and no part of an anomaly. What has gone on for three
-- days is normal again, unless somebody says otherwise by acting on it.
CREATE OR REPLACE VIEW llmcost_internal.watched_hours ${on_cluster} AS
SELECT
    h.* EXCEPT (rebuilt_at),
    toUInt32(dateDiff('hour', h.hour, toStartOfHour({now:DateTime('UTC')}))) AS ago,
    ago >= 6 AND (h.environment, h.feature, h.hour) NOT IN
    (
        SELECT
            a.environment, a.feature,
            arrayJoin(arrayMap(
                n -> toStartOfHour(a.started_at) + toIntervalHour(n),
                range(toUInt32(least(72, greatest(0, dateDiff('hour', a.started_at, a.ended_at)) + 1)))))
        FROM llmcost.anomaly_log AS a FINAL
        WHERE a.ended_at >= {now:DateTime('UTC')} - INTERVAL 9 DAY AND a.started_at <= {now:DateTime('UTC')}
    ) AS is_normal
FROM llmcost.feature_hours AS h FINAL
WHERE h.hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 8 DAY AND h.hour <= {now:DateTime('UTC')}
    AND (h.hour, h.rebuilt_at) IN
    (
        SELECT hour, max(rebuilt_at)
        FROM llmcost.feature_hours
        WHERE hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 8 DAY
        GROUP BY hour
    )
