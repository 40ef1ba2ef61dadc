-- Grain: $grain
-- Source: builds of ${rollup}__rows, and ${rollup}__live for every $bucket whose rollup is behind; those are found once per query.
CREATE OR REPLACE VIEW $database.$rollup ${on_cluster} AS
WITH (SELECT groupUniqArray($bucket) FROM llmcost_internal.$behind) AS behind
SELECT $names
FROM llmcost.${rollup}__rows
WHERE is_marker = 0
    AND ($bucket, built_at) IN (SELECT $to_bucket(bucket), max(built_at) FROM llmcost.rollup_builds WHERE rollup = '$rollup' GROUP BY bucket)
    AND $bucket NOT IN behind
UNION ALL
WITH (SELECT groupUniqArray($bucket) FROM llmcost_internal.$behind) AS behind
SELECT $names
FROM llmcost_internal.${rollup}__live
WHERE $bucket IN behind
