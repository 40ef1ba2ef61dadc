-- Grain: $grain Of [{since:DateTime64(3)}, {until:DateTime64(3)}): the first and the last day may be parts of one.
-- Source: whole days of ${rollup}__rows; ${rollup}__live for the ends of the range and for days whose rollup is behind.
CREATE OR REPLACE VIEW $database.$rollup ${on_cluster} AS
WITH
    (SELECT groupUniqArray(day) FROM llmcost_internal.$behind) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT $names
FROM llmcost.${rollup}__rows
WHERE is_marker = 0
    AND day >= first_day AND day < toDate32({until:DateTime64(3)})
    AND day NOT IN behind
    AND (day, built_at) IN (SELECT toDate(bucket), max(built_at) FROM llmcost.rollup_builds WHERE rollup = '$rollup' GROUP BY bucket)
UNION ALL
WITH
    (SELECT groupUniqArray(day) FROM llmcost_internal.$behind) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT $names
FROM llmcost_internal.${rollup}__live(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
WHERE day < first_day OR day >= toDate32({until:DateTime64(3)}) OR day IN behind
