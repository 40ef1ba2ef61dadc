-- How far each rollup is: one row per rollup, with its newest bucket and when it was last built, and, of hourly_spend, how many
-- hours are behind their records: they are computed from the records until they are built again.
-- Source: rollup_builds, stale_hours.
SELECT
    b.rollup AS rollup,
    count() AS buckets,
    max(b.bucket) AS newest_bucket,
    max(b.built) AS last_built,
    if(b.rollup = 'hourly_spend',
        (SELECT count() FROM llmcost_internal.stale_hours), NULL) AS hours_behind
FROM
(
    SELECT r.rollup AS rollup, r.bucket AS bucket, max(r.built_at) AS built
    FROM llmcost.rollup_builds AS r
    GROUP BY r.rollup, r.bucket
) AS b
GROUP BY b.rollup
ORDER BY b.rollup
