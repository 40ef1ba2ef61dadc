-- Grain: one row per $bucket whose rows in $rollup may be behind, with the moment its calls last changed: now, while they change.
-- Source: rollup_builds, $follows_behind. A view without parameters, and one pass: each query plans it anew.
CREATE OR REPLACE VIEW llmcost_internal.${rollup}__behind ${on_cluster} AS
SELECT $bucket, max(changed) AS changed_at
FROM
(
    SELECT $of_build AS $bucket, built_at AS changed, toDateTime64(0, 6, 'UTC') AS built
    FROM llmcost.rollup_builds
    WHERE rollup = '$follows'
    UNION ALL
    SELECT $of_hour AS $bucket, toDateTime64(now64(6), 6, 'UTC') AS changed, toDateTime64(0, 6, 'UTC') AS built
    FROM llmcost_internal.$follows_behind
    UNION ALL
    SELECT $to_bucket(bucket) AS $bucket, toDateTime64(0, 6, 'UTC') AS changed, built_at AS built
    FROM llmcost.rollup_builds
    WHERE rollup = '$rollup'
)
GROUP BY $bucket
HAVING changed_at > max(built)
