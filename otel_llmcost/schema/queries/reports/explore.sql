-- Measures by time and up to two dimensions: one row per bucket of time x value x value. The values of a dimension beyond its
-- highest ones share one row, of which other_<n> is 1. Source: calls.
-- Runs as it stands; reports/explore.py puts its own expressions between the markers (`by`, `rank`, `only`,
-- `measures`, `other_<n>`), and query explore_hours for what is `selected`, where the hourly rollup keeps it.
WITH
    selected AS
    (
        /* selected */
        SELECT
            c.*,
            arrayLast(start -> start <= toUnixTimestamp(c.ts), {starts:Array(UInt32)}) AS bucket,
            /* by */ toString(c.feature) AS dimension_1, '' AS dimension_2 /* by */
        FROM llmcost.calls AS c
        WHERE c.ts >= {since:DateTime64(3, 'UTC')}
            AND c.ts < {until:DateTime64(3, 'UTC')}
            AND /* only */ 1 /* only */
        /* selected */
    ),
    highest_1 AS
    (
        SELECT dimension_1
        FROM selected AS c
        GROUP BY dimension_1
        ORDER BY /* rank */ sum(c.cost_usd) /* rank */ DESC NULLS LAST, dimension_1
        LIMIT {top_1:UInt32}
    ),
    highest_2 AS
    (
        SELECT dimension_2
        FROM selected AS c
        GROUP BY dimension_2
        ORDER BY /* rank */ sum(c.cost_usd) /* rank */ DESC NULLS LAST, dimension_2
        LIMIT {top_2:UInt32}
    )
SELECT
    bucket,
    /* other_1 */ dimension_1 NOT IN (SELECT dimension_1 FROM highest_1) /* other_1 */ AS other_1,
    if(other_1, '', dimension_1) AS name_1,
    /* other_2 */ dimension_2 NOT IN (SELECT dimension_2 FROM highest_2) /* other_2 */ AS other_2,
    if(other_2, '', dimension_2) AS name_2,
    uniqExact(dimension_1, dimension_2) AS values,
    /* measures */ sum(c.cost_usd) AS cost_usd /* measures */
FROM selected AS c
GROUP BY bucket, other_1, name_1, other_2, name_2
ORDER BY bucket, other_1, /* rank */ sum(c.cost_usd) /* rank */ DESC NULLS LAST, name_1, other_2, name_2
