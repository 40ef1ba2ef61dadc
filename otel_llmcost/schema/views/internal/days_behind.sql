-- Grain: one row per day whose rows in the rollup {rollup:String} may be behind, with the moment the last of its hours changed
-- in the rollup {follows:String}: now, while one of them is behind. Where {back:UInt8} is 1, a day is behind, too, when the day
-- before it is.
-- Source: rollup_builds, hours_behind.
CREATE OR REPLACE VIEW llmcost_internal.days_behind ${on_cluster} AS
SELECT c.day AS day, c.changed_at AS changed_at
FROM
(
    SELECT arrayJoin(if({back:UInt8} = 1, [toDate(hour), toDate(hour) + 1], [toDate(hour)])) AS day, max(changed) AS changed_at
    FROM
    (
        SELECT bucket AS hour, built_at AS changed
        FROM llmcost.rollup_builds
        WHERE rollup = {follows:String}
        UNION ALL
        SELECT hour, toDateTime64(now64(6), 6, 'UTC') AS changed
        FROM llmcost_internal.hours_behind(rollup = {follows:String})
    )
    GROUP BY day
) AS c
LEFT JOIN
(
    SELECT toDate(bucket) AS day, max(built_at) AS newest
    FROM llmcost.rollup_builds
    WHERE rollup = {rollup:String}
    GROUP BY day
) AS b ON c.day = b.day
WHERE c.changed_at > b.newest
SETTINGS join_use_nulls = 0
