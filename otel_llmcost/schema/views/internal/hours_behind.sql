-- Grain: one row per hour whose rows in the rollup {rollup:String} may be behind the records, with the moment its calls last
-- changed: now, while they change.
-- Source: rollup_builds, stale_hours.
CREATE OR REPLACE VIEW llmcost_internal.hours_behind ${on_cluster} AS
SELECT c.hour AS hour, c.changed_at AS changed_at
FROM
(
    SELECT hour, max(changed) AS changed_at
    FROM
    (
        SELECT bucket AS hour, built_at AS changed
        FROM llmcost.rollup_builds
        WHERE rollup = 'hourly_spend'
        UNION ALL
        SELECT hour, toDateTime64(now64(6), 6, 'UTC') AS changed
        FROM llmcost_internal.stale_hours
    )
    GROUP BY hour
) AS c
LEFT JOIN
(
    SELECT bucket AS hour, max(built_at) AS newest
    FROM llmcost.rollup_builds
    WHERE rollup = {rollup:String}
    GROUP BY hour
) AS b ON c.hour = b.hour
WHERE c.changed_at > b.newest
SETTINGS join_use_nulls = 0
