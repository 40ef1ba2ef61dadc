-- Grain: one row of rollup_builds per $bucket and block of ${rollup}__rows. It follows the rows: a build that was broken off
-- does not count.
-- Source: ${rollup}__rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS llmcost.${rollup}__builds ${on_cluster} TO llmcost.rollup_builds AS
SELECT '$rollup' AS rollup, toDateTime(r.$bucket, 'UTC') AS bucket, max(r.built_at) AS built_at
FROM llmcost.${rollup}__rows AS r
GROUP BY bucket
