-- Grain: one row per hour, environment, feature and model of the eight days before a moment.
-- Source: feature_hours, unusual_hours; watched_hours(now = ...). `ago` counts hours back from the moment's own (0).
-- Hours that are six hours old and not unusual make up the norms: `has_usual_size` that of the size of calls,
-- `has_usual_volume` that of their number.
CREATE OR REPLACE VIEW llmcost_internal.watched_hours ${on_cluster} AS
SELECT
    h.* EXCEPT (rebuilt_at),
    toUInt32(dateDiff('hour', h.hour, toStartOfHour({now:DateTime('UTC')}))) AS ago,
    ago >= 6 AND (h.environment, h.feature, h.hour, 'size') NOT IN
        (SELECT environment, feature, hour, norm FROM llmcost_internal.unusual_hours(now = {now:DateTime('UTC')})) AS has_usual_size,
    ago >= 6 AND (h.environment, h.feature, h.hour, 'volume') NOT IN
        (SELECT environment, feature, hour, norm FROM llmcost_internal.unusual_hours(now = {now:DateTime('UTC')})) AS has_usual_volume
FROM llmcost.feature_hours AS h FINAL
WHERE h.hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 8 DAY AND h.hour <= {now:DateTime('UTC')}
    AND (h.hour, h.rebuilt_at) IN
    (
        SELECT hour, max(rebuilt_at)
        FROM llmcost.feature_hours
        WHERE hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 8 DAY
        GROUP BY hour
    )
